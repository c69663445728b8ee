// SPDX-License-Identifier: Apache-2.0

import { element } from "./element.js";

/** The line at the top that says how the connection is. */
export function showState({ state, text }) {
  element("state").dataset.state = state;
  element("state").textContent = text;
}
