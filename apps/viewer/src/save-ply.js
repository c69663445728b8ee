// SPDX-License-Identifier: Apache-2.0
// The button that saves the cloud on the screen.

import { encodePly, pointsOf } from "depthcloud";
import { download } from "./download.js";
import { element } from "./element.js";

export function offerPly(viewport) {
  element("ply").addEventListener("click", () => {
    const points = pointsOf(viewport.cloud, { axes: "opengl", pixels: pixelsOf(viewport.cloud.picture) });
    download(new Blob([encodePly(points)], { type: "application/octet-stream" }), "ply");
  });
}

function pixelsOf(picture) {
  if (!picture) return undefined;
  const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  context.drawImage(picture, 0, 0);
  return context.getImageData(0, 0, picture.width, picture.height);
}
