// SPDX-License-Identifier: Apache-2.0
// Encoding "f32": float32 positions and uint8 colours, interleaved.

import { requireBytes } from "./checks.js";
import { guessedSpacing, middleOf } from "./summary.js";

export function decodeF32({ num_points: count, points, colors }) {
  requireBytes("points", points, 12 * count);
  requireBytes("colors", colors, 3 * count);
  const positions = new Float32Array(points.slice().buffer); // sliced: a bin starts at any byte
  return {
    kind: "points",
    positions,
    colors: colors.slice(),
    origin: [0, 0, 0],
    scale: 1,
    spacing: guessedSpacing(count),
    middle: middleOf(count, (i) => positions.subarray(3 * i, 3 * i + 3)),
  };
}
