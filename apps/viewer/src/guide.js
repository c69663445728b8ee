// SPDX-License-Identifier: Apache-2.0
// The advice over the picture, where there is nothing to see.

import { adviceFor } from "./advice.js";
import { element } from "./element.js";

const LATE_AFTER_MS = 4000;

export class Guide {
  #situation = {
    webgl: "ok",
    connection: "connecting",
    cameraProblem: "",
    hasSource: false,
    isLate: false,
    cloud: null,
    isInView: true,
    isFile: false,
    isFiltered: false,
    filters: [],
  };
  #shown = "";
  #lateTimer = 0;

  constructor({ isRig }) {
    this.#situation.isRig = isRig;
    this.update({});
  }

  /** change: the keys of adviceFor() that are different now. */
  update(change) {
    Object.assign(this.#situation, change);
    if (change.hasSource !== undefined) this.#startWaiting(change.hasSource);
    this.#show(adviceFor(this.#situation));
  }

  #startWaiting(hasSource) {
    clearTimeout(this.#lateTimer);
    this.#situation.isLate = false;
    if (hasSource) this.#lateTimer = setTimeout(() => this.update({ isLate: true }), LATE_AFTER_MS);
  }

  #show(advice) {
    const text = JSON.stringify(advice);
    if (text === this.#shown) return; // a screen reader says it once
    this.#shown = text;
    element("guide").hidden = !advice;
    element("guide-title").textContent = advice?.title ?? "";
    element("guide-steps").replaceChildren(
      ...(advice?.steps ?? []).map((step) => {
        const item = document.createElement("li");
        item.textContent = step;
        return item;
      }),
    );
  }
}
