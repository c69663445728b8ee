// SPDX-License-Identifier: Apache-2.0
// The button that saves the cloud on the screen.

import { element } from "./element.js";
import { plyFile } from "./ply.js";
import { pointsOf } from "./wire/points.js";

export function offerPly(viewport) {
  element("ply").addEventListener("click", () => {
    const { positions, colors } = pointsOf(viewport.cloud, pixelsOf(viewport.cloud.picture));
    for (let i = 1; i < positions.length; i += 3) positions[i] = -positions[i]; // v1 to opencv
    const url = URL.createObjectURL(plyFile(positions, colors));
    const link = document.createElement("a");
    link.href = url;
    link.download = `cloud-${new Date().toISOString().replace(/[:.]/g, "-")}.ply`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click
  });
}

function pixelsOf(picture) {
  if (!picture) return undefined;
  const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  context.drawImage(picture, 0, 0);
  return context.getImageData(0, 0, picture.width, picture.height);
}
