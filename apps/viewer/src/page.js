// SPDX-License-Identifier: Apache-2.0

import { element } from "./element.js";
import { Guide } from "./guide.js";
import { linkOtherPage } from "./other-page.js";
import { hasWebGL } from "./scene/webgl.js";
import { showState } from "./state-line.js";

/** Calls run(guide) where the browser can draw; says what to do where it cannot. */
export function startPage({ isRig }, run) {
  const guide = new Guide({ isRig });
  linkOtherPage();
  if (hasWebGL()) {
    run(guide);
    return;
  }
  showState({ state: "closed", text: "This browser has no WebGL 2" });
  guide.update({ webgl: "missing" });
  for (const id of ["panel", "help-button"]) element(id).hidden = true;
}
