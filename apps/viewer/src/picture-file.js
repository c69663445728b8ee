// SPDX-License-Identifier: Apache-2.0
// The button that saves what the canvas shows, with a measured distance, as PNG.

import { download } from "./download.js";
import { element } from "./element.js";

const FONT_PX = 15;

export function offerPicture(viewport, measurement) {
  element("picture").addEventListener("click", async () => {
    const canvas = viewport.picture();
    if (measurement.label) write(canvas, measurement.label);
    download(await canvas.convertToBlob({ type: "image/png" }), "png");
  });
}

function write(canvas, { text, x, y }) {
  const scale = canvas.width / element("view").clientWidth;
  const context = canvas.getContext("2d");
  context.font = `${FONT_PX * scale}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.lineWidth = 4 * scale;
  context.strokeText(text, x * scale, y * scale);
  context.fillStyle = "#ffd33d";
  context.fillText(text, x * scale, y * scale);
}
