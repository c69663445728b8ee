// SPDX-License-Identifier: Apache-2.0
// The axes that clouds may have, and what arrays of points must be.

/** Which coordinates of a message's points (axes v1: x right, y up, z forward) each of them negates. */
const NEGATED = { opengl: [2], opencv: [1], v1: [] };

export const AXES = Object.keys(NEGATED);

export function requireAxes(axes) {
  if (!AXES.includes(axes)) throw new TypeError(`axes must be one of ${AXES.join(", ")}, not ${axes}`);
}

/** Throws unless these are the arrays of N points. */
export function requirePoints(positions, colors) {
  if (!(positions instanceof Float32Array) || positions.length % 3 !== 0) {
    throw new TypeError("positions must be a Float32Array of x y z of each point");
  }
  if (!(colors instanceof Uint8Array) || colors.length !== positions.length) {
    throw new TypeError(`colors must be a Uint8Array of ${positions.length} bytes, r g b of each point`);
  }
}

/** Turns points from axes v1 into others, or back, in place. */
export function turn(positions, axes) {
  requireAxes(axes);
  for (const axis of NEGATED[axes]) {
    for (let i = axis; i < positions.length; i += 3) positions[i] = -positions[i];
  }
  return positions;
}
