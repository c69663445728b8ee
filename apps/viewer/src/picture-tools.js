// SPDX-License-Identifier: Apache-2.0
// What both pages offer around the picture: its viewport, the tools, the keys and the help.

import { element } from "./element.js";
import { listenToKeys } from "./keys.js";
import { Measurement } from "./measure.js";
import { offerPicture } from "./picture-file.js";
import { offerPly } from "./save-ply.js";
import { Viewport } from "./scene/viewport.js";

/** The viewport, with everything that acts on it. onDrawn(cloud): after a cloud was drawn. */
export function openViewport(guide, onDrawn) {
  let measurement = null;
  const viewport = new Viewport(element("view"), {
    onDrawn(cloud) {
      for (const id of ["ply", "picture", "measure"]) element(id).disabled = cloud.count === 0;
      sayGridCell(viewport);
      guide.update({ cloud: { count: cloud.count } });
      onDrawn(cloud);
    },
    onCleared() {
      for (const id of ["ply", "picture", "measure"]) element(id).disabled = true;
      measurement.isOn = false;
      sayGridCell(viewport);
      guide.update({ cloud: null });
    },
    onMoved: () => measurement?.place(),
    onInView: (isInView) => guide.update({ isInView }),
    onContext: (works) => guide.update({ webgl: works ? "ok" : "lost" }),
  });
  measurement = new Measurement(viewport);
  offerPly(viewport);
  offerPicture(viewport, measurement);
  element("reset").addEventListener("click", () => viewport.resetView());
  element("grid").addEventListener("change", ({ target }) => {
    viewport.showGrid = target.checked;
    sayGridCell(viewport);
  });
  element("frustum").addEventListener("change", ({ target }) => (viewport.showFrustum = target.checked));
  element("help-button").addEventListener("click", () => element("help").showModal());
  listenToKeys(viewport, measurement);
  return viewport;
}

function sayGridCell(viewport) {
  const { cloud, gridCell } = viewport;
  const cell = Number(gridCell.toPrecision(1));
  element("grid-cell").textContent =
    cloud && element("grid").checked ? `cells of ${cell}${cloud.isMetric ? " m" : ""}` : "";
}
