// SPDX-License-Identifier: Apache-2.0
// A binary PLY file, byte for byte laid out as the library's write_ply.

import { nameOf } from "./wire/checks.js";
import { requireAxes, requirePoints } from "./wire/axes.js";

export function encodePly(points) {
  if (points === null || typeof points !== "object") {
    throw new TypeError(`points must be those of pointsOf(), not ${nameOf(points)}`);
  }
  const { positions, colors, axes } = points;
  requirePoints(positions, colors);
  requireAxes(axes);
  const count = positions.length / 3;
  const header = [
    "ply",
    "format binary_little_endian 1.0",
    `comment axes ${axes}`,
    `element vertex ${count}`,
    ...["x", "y", "z"].map((name) => `property float ${name}`),
    ...["red", "green", "blue"].map((name) => `property uchar ${name}`),
    "end_header\n",
  ].join("\n");
  const file = new Uint8Array(header.length + 15 * count);
  new TextEncoder().encodeInto(header, file);
  const body = new DataView(file.buffer, header.length);
  for (let i = 0; i < count; i += 1) {
    for (let axis = 0; axis < 3; axis += 1) {
      body.setFloat32(15 * i + 4 * axis, positions[3 * i + axis], true);
      body.setUint8(15 * i + 12 + axis, colors[3 * i + axis]);
    }
  }
  return file;
}
