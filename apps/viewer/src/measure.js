// SPDX-License-Identifier: Apache-2.0
// The distance between two points that are picked: by pointer, or by the cross in the middle and Enter.

import { distanceText } from "./distance-text.js";
import { element } from "./element.js";

const CLICK_PX = 5; // a pointer that moved further turned the view

export class Measurement {
  #viewport;
  #canvas = element("view");
  #points = [];
  #isOn = false;

  constructor(viewport) {
    this.#viewport = viewport;
    element("measure").addEventListener("click", () => (this.isOn = !this.isOn));
    let pressed = null;
    this.#canvas.addEventListener("pointerdown", (event) => (pressed = event));
    this.#canvas.addEventListener("pointerup", (event) => {
      if (!this.#isOn || event.pointerId !== pressed?.pointerId) return;
      if (Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) > CLICK_PX) return;
      this.#pick({ x: event.offsetX, y: event.offsetY });
    });
  }

  get isOn() {
    return this.#isOn;
  }

  set isOn(isOn) {
    this.#isOn = isOn;
    element("measure").setAttribute("aria-pressed", isOn);
    this.#canvas.classList.toggle("measuring", isOn);
    element("cross").hidden = !isOn;
    this.clear();
  }

  /** Picks the point in the middle of the canvas. */
  pickMiddle() {
    this.#pick({ x: this.#canvas.clientWidth / 2, y: this.#canvas.clientHeight / 2 });
  }

  clear() {
    this.#points = [];
    this.#changed(this.#isOn ? "Pick two points." : "");
  }

  /** The text of the measured distance and where on the canvas it stands; null without one. */
  get label() {
    if (this.#points.length < 2) return null;
    const [a, b] = this.#points;
    const place = this.#viewport.placeOf(a.clone().lerp(b, 0.5));
    return place && { ...place, text: this.#text() };
  }

  /** The label follows the view. */
  place() {
    const label = this.label;
    element("distance").hidden = !label;
    if (!label) return;
    element("distance").textContent = label.text;
    element("distance").style.translate = `${label.x}px ${label.y}px`;
  }

  #pick(place) {
    const point = this.#viewport.pick(place);
    if (!point) {
      element("measured").textContent = "No point there. Pick one of the cloud.";
      return;
    }
    this.#points = this.#points.length < 2 ? [...this.#points, point] : [point];
    this.#changed(this.#points.length < 2 ? "Pick the second point." : `Distance ${this.#text()}`);
  }

  #text() {
    const [a, b] = this.#points;
    return distanceText(a.distanceTo(b), this.#viewport.cloud.isMetric);
  }

  #changed(text) {
    element("measured").textContent = text;
    element("measured").hidden = !text;
    this.#viewport.measured = this.#points;
    this.place();
  }
}
