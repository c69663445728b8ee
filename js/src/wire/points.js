// SPDX-License-Identifier: Apache-2.0
// Any decoded cloud as plain points, for files: what the shaders do, on the processor.

import { fromV1, requireAxes } from "./axes.js";
import { nameOf, requireCount } from "./checks.js";
import { depthOf, NO_LEVEL, positionOf } from "./unproject.js";

export function pointsOf(cloud, { axes = "opengl", pixels } = {}) {
  requireAxes(axes);
  if (cloud?.kind !== "grid" && cloud?.kind !== "points") {
    throw new TypeError(`cloud must be one of decodeCloud() or send(), not ${nameOf(cloud)}`);
  }
  const { positions, colors } = cloud.kind === "grid" ? pointsOfGrid(cloud, pixels) : pointsOfBox(cloud);
  return { positions: fromV1(positions, axes), colors, axes };
}

function pointsOfBox({ positions, colors, origin, scale }) {
  const result = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i += 1) result[i] = origin[i % 3] + scale * positions[i];
  return { positions: result, colors: colors.slice() };
}

function pointsOfGrid(grid, pixels) {
  const positions = new Float32Array(3 * grid.count);
  const colors = new Uint8Array(3 * grid.count).fill(255);
  if (pixels) requirePixels(grid, pixels);
  const pixelOf = pixels && pixelFinder(grid, pixels);
  let at = 0;
  grid.levels.forEach((level, i) => {
    if (level === NO_LEVEL) return;
    positions.set(positionOf(grid, i, depthOf(grid, level)), at);
    if (pixels) colors.set(pixels.data.subarray(pixelOf(i), pixelOf(i) + 3), at);
    at += 3;
  });
  return { positions, colors };
}

/** Of the size of the JPEG, if the cloud has one, and as many as they say. */
function requirePixels({ jpeg, columns, rows }, { width, height, data }) {
  requireCount("width of pixels", width, 1);
  requireCount("height of pixels", height, 1);
  if (jpeg && (width !== columns || height !== rows)) {
    throw new RangeError(`pixels are ${width} x ${height}, and the JPEG of the cloud is ${columns} x ${rows}`);
  }
  if (!(data instanceof Uint8Array) && !(data instanceof Uint8ClampedArray)) {
    throw new TypeError(`data of pixels must be a Uint8Array or Uint8ClampedArray of RGBA, not ${nameOf(data)}`);
  }
  if (data.length !== 4 * width * height) {
    throw new RangeError(`data of pixels holds ${data.length} bytes, and ${width} x ${height} RGBA are ${4 * width * height}`);
  }
}

/** Where in the RGBA data the colour of a sample lies. */
function pixelFinder({ columns, width, height, stride, jpeg }, pixels) {
  const across = (index, size, extent) =>
    jpeg ? index : Math.floor(((2 * index * stride + 1) * size) / (2 * extent));
  return (i) => {
    const x = across(i % columns, pixels.width, width);
    const y = across(Math.floor(i / columns), pixels.height, height);
    return 4 * (y * pixels.width + x);
  };
}
