// SPDX-License-Identifier: Apache-2.0
// The keys; help.html lists them.

import { element } from "./element.js";

const TURN = Math.PI / 36; // 5 degrees
const PAN = 0.05; // of the distance to what is looked at
const CLOSER = 0.9;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** Keys that press a button or a box of the page. */
const PRESSES = { r: "reset", m: "measure", g: "grid", c: "frustum", p: "picture", s: "ply", "?": "help-button" };

export function listenToKeys(viewport, measurement) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (element("help").open || event.target.closest("input[type=number], select")) return;
    const pressed = Object.hasOwn(PRESSES, event.key.toLowerCase()) && element(PRESSES[event.key.toLowerCase()]);
    if (pressed) pressed.click();
    else if (event.key === "Escape") measurement.isOn = false;
    else if (event.target !== element("view") || !moveView(viewport, measurement, event)) return;
    event.preventDefault();
  });
}

/** With the focus on the picture. False for a key that means nothing there. */
function moveView(viewport, measurement, { key, shiftKey }) {
  if (Object.hasOwn(ARROWS, key)) {
    const [right, up] = ARROWS[key];
    if (shiftKey) viewport.pan(-PAN * right, -PAN * up);
    else viewport.turn(TURN * right, TURN * up);
  } else if (key === "+" || key === "=") viewport.zoom(CLOSER);
  else if (key === "-") viewport.zoom(1 / CLOSER);
  else if ((key === "Enter" || key === " ") && measurement.isOn) measurement.pickMiddle();
  else return false;
  return true;
}
