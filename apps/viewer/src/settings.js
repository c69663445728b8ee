// SPDX-License-Identifier: Apache-2.0
// The sliders: what they mean for this page's drawing, and what the server is asked for.

import { element } from "./element.js";

const SETTLE_MS = 150; // a dragged slider asks once
const COARSEST = 9; // density 8 is every pixel (stride 1), density 1 every eighth

export class Settings {
  #onRequest;
  #timer = 0;
  #isFixed = false;
  #hasConfidence = true;
  #showConfidence;

  /**
   * onRequest(): what configure() gives has changed. encodings: that can be asked for, the first one to
   * begin with; density: to begin with.
   */
  constructor(viewport, onRequest, { encodings, density }) {
    this.#onRequest = onRequest;
    element("density").value = density;
    element("encoding").replaceChildren(...encodings.map((name) => new Option(name)));
    element("encoding").addEventListener("change", onRequest);
    this.#bind("point-size", (value) => {
      viewport.pointSize = Number(value);
      return value;
    });
    this.#bind("density", () => {
      this.#requestSoon();
      return this.#stride === 1 ? "every pixel" : `1 in ${this.#stride} × ${this.#stride}`;
    });
    this.#showConfidence = this.#bind("confidence", () => {
      this.#requestSoon();
      if (!this.#hasConfidence) return "the network gives none";
      return this.#percentile === 0 ? "all points" : `surest ${100 - this.#percentile} %`;
    });
    element("coloring").addEventListener("change", ({ target }) => {
      viewport.colorByDepth = target.value === "depth";
    });
  }

  /** The keys of a "configure" message. */
  configure() {
    return {
      stride: this.#stride,
      confidence_percentile: this.#percentile,
      encoding: element("encoding").value,
    };
  }

  get #stride() {
    return COARSEST - Number(element("density").value);
  }

  /** Whether points are left out for their confidence. */
  get isFiltered() {
    return this.#percentile > 0;
  }

  /** Of a cloud that no server makes, only the drawing can be changed. */
  set isFixed(isFixed) {
    this.#isFixed = isFixed;
    this.#enable();
  }

  /** Without one, the slider has no effect. */
  set hasConfidence(hasConfidence) {
    if (hasConfidence === this.#hasConfidence) return;
    this.#hasConfidence = hasConfidence;
    if (!hasConfidence) element("confidence").value = 0;
    this.#enable();
    this.#showConfidence();
  }

  /** What the server says of what it was asked for, its "configured" message. say(text): shows its notes. */
  take({ notes = [] }, say) {
    if (notes.length === 0) return;
    if (notes.some((text) => text.startsWith("confidence_percentile "))) this.hasConfidence = false;
    say(notes.join(" "));
  }

  #enable() {
    for (const id of ["density", "encoding"]) element(id).disabled = this.#isFixed;
    element("confidence").disabled = this.#isFixed || !this.#hasConfidence;
  }

  /** The share of points that is left out, in percent: units of confidence differ from network to network. */
  get #percentile() {
    return Number(element("confidence").value);
  }

  /** apply(value) acts, and returns the text that stands beside the slider. Returns what does so again. */
  #bind(id, apply) {
    const input = element(id);
    const output = document.querySelector(`output[for="${id}"]`);
    const update = () => (output.textContent = apply(input.value));
    input.addEventListener("input", update);
    update();
    return update;
  }

  #requestSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onRequest, SETTLE_MS);
  }
}
