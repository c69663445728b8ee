// SPDX-License-Identifier: Apache-2.0
// The line for what went wrong. Text that came from elsewhere stays text.

import { element } from "./element.js";

/** kind: "error", or "note" for what one should know. */
export function showMessage(text, kind = "error") {
  const line = element("message");
  line.textContent = text;
  line.dataset.kind = kind;
  line.hidden = !text;
}
