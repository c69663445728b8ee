// SPDX-License-Identifier: Apache-2.0
// The line for what went wrong. Text that came from elsewhere stays text.

import { element } from "./element.js";

export function showMessage(text) {
  const line = element("message");
  line.textContent = text;
  line.hidden = !text;
}
