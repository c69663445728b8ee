// SPDX-License-Identifier: Apache-2.0
// From a depth grid to points, in axes v1: x right, y up, z forward. The vertex shader does the same.

/** The level of a sample that has no point. */
export const NO_LEVEL = 65535;

export function depthOf({ near, step }, level) {
  return near * 2 ** (level * step);
}

/** x y z of sample i of the grid at depth z. */
export function positionOf({ columns, stride, intrinsics: [fx, fy, cx, cy] }, i, z) {
  const u = stride * (i % columns);
  const v = stride * Math.floor(i / columns);
  return [((u - cx) * z) / fx, (-(v - cy) * z) / fy, z];
}

/**
 * How samples lie in the picture that colours them, as shares of it: sample (i, j) at
 * (i, j) * scale + offset. A picture that came with the grid has a pixel for each sample; the client's
 * own has any size, and the grid's full resolution covers it.
 */
export function pictureMapping({ columns, rows, width, height, stride, jpeg }) {
  return jpeg
    ? { scale: [1 / columns, 1 / rows], offset: [0.5 / columns, 0.5 / rows] }
    : { scale: [stride / width, stride / height], offset: [0.5 / width, 0.5 / height] };
}
