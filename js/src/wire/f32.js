// SPDX-License-Identifier: Apache-2.0
// Encoding "f32": float32 positions and uint8 colours, interleaved.

import { requirePoints, toV1 } from "./axes.js";
import { requireBytes } from "./checks.js";
import { guessedSpacing, summaryOf } from "./summary.js";

export function decodeF32({ num_points: count, points, colors }) {
  requireBytes("points", points, 12 * count);
  requireBytes("colors", colors, 3 * count);
  return asCloud(new Float32Array(points.slice().buffer), colors.slice()); // sliced: a bin starts at any byte
}

/** Points from elsewhere as a cloud like those of messages. */
export function cloudOfPoints({ positions, colors, axes }) {
  requirePoints(positions, colors);
  const cloud = asCloud(toV1(positions.slice(), axes), colors.slice());
  return { ...cloud, encoding: "f32", count: positions.length / 3, isMetric: false };
}

function asCloud(positions, colors) {
  const count = positions.length / 3;
  return {
    kind: "points",
    positions,
    colors,
    origin: [0, 0, 0],
    scale: 1,
    spacing: guessedSpacing(count),
    ...summaryOf(count, (i) => [...positions.subarray(3 * i, 3 * i + 3)]),
  };
}
