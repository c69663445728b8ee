// SPDX-License-Identifier: Apache-2.0
// The axes that clouds may have, and what arrays of points must be.

/** For each coordinate: which one of axes v1 (x right, y up, z forward) it is, and its sign. */
const FROM_V1 = {
  opengl: [[0, 1], [1, 1], [2, -1]],
  opencv: [[0, 1], [1, -1], [2, 1]],
  v1: [[0, 1], [1, 1], [2, 1]],
  ros: [[2, 1], [0, -1], [1, 1]],
};

export const AXES = Object.keys(FROM_V1);

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

/** Turns points from axes v1 into others, in place. */
export function fromV1(positions, axes) {
  return turn(positions, axes, (point, i, [source, sign]) => (positions[i] = sign * point[source]));
}

/** Turns points into axes v1, in place. */
export function toV1(positions, axes) {
  return turn(positions, axes, (point, i, [source, sign], k) => (positions[i - k + source] = sign * point[k]));
}

function turn(positions, axes, write) {
  requireAxes(axes);
  const order = FROM_V1[axes];
  const point = [0, 0, 0];
  for (let first = 0; first < positions.length; first += 3) {
    for (let k = 0; k < 3; k += 1) point[k] = positions[first + k];
    for (let k = 0; k < 3; k += 1) write(point, first + k, order[k], k);
  }
  return positions;
}
