// SPDX-License-Identifier: Apache-2.0
// The sliders: what they mean for this page's drawing, and what the server is asked for.

import { element } from "./element.js";

const SETTLE_MS = 150; // a dragged slider asks once
const COARSEST = 9; // density 8 is every pixel (stride 1), density 1 every eighth

/**
 * Confidence is in the model's own units: 0 to 1 for the built-in network, from 1 without bound for
 * Depth Anything 3. Three quarters of the slider cover the first, the rest goes to 20 by ratios.
 */
export function confidenceAt(percent) {
  if (percent <= 75) return percent / 75;
  return 20 ** ((percent - 75) / 25);
}

export class Settings {
  #onRequest;
  #timer = 0;

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
    this.#bind("confidence", () => {
      this.#requestSoon();
      return this.#confidence === 0 ? "all" : `from ${this.#confidence.toPrecision(2)}`;
    });
    element("coloring").addEventListener("change", ({ target }) => {
      viewport.colorByDepth = target.value === "depth";
    });
    element("reset").addEventListener("click", () => viewport.resetView());
  }

  /** The keys of a "configure" message. */
  configure() {
    return {
      stride: this.#stride,
      min_confidence: this.#confidence,
      encoding: element("encoding").value,
    };
  }

  get #stride() {
    return COARSEST - Number(element("density").value);
  }

  get #confidence() {
    return confidenceAt(Number(element("confidence").value));
  }

  /** apply(value) acts, and returns the text that stands beside the slider. */
  #bind(id, apply) {
    const input = element(id);
    const output = document.querySelector(`output[for="${id}"]`);
    const update = () => (output.textContent = apply(input.value));
    input.addEventListener("input", update);
    update();
  }

  #requestSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onRequest, SETTLE_MS);
  }
}
