// SPDX-License-Identifier: Apache-2.0
// Encoding "q16": coordinates as 16-bit steps in a box, for the vertex shader to scale.

import { requireBytes, requireNumbers } from "./checks.js";
import { guessedSpacing, summaryOf } from "./summary.js";

export function decodeQ16({ num_points: count, points, colors, origin, scale }) {
  requireBytes("points", points, 6 * count);
  requireBytes("colors", colors, 3 * count);
  requireNumbers("origin", origin, 3);
  requireNumbers("scale", [scale], 1);
  const positions = new Uint16Array(points.slice().buffer); // sliced: a bin starts at any byte
  return {
    kind: "points",
    positions,
    colors: colors.slice(),
    origin,
    scale,
    spacing: guessedSpacing(count),
    ...summaryOf(count, (i) => origin.map((corner, axis) => corner + scale * positions[3 * i + axis])),
  };
}
