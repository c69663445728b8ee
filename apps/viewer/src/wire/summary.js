// SPDX-License-Identifier: Apache-2.0
// What the view needs to know of a cloud as a whole, from a sample of its points.

const SAMPLES = 1000;
const ASSUMED_FIELD_OF_VIEW = 1.05; // radians: 60 degrees, where a message does not say

/** The median of each coordinate. pointAt(i) gives [x, y, z] or null. */
export function middleOf(count, pointAt) {
  const step = Math.max(1, Math.floor(count / SAMPLES));
  const points = [];
  for (let i = 0; i < count; i += step) {
    const point = pointAt(i);
    if (point) points.push(point);
  }
  if (!points.length) return [0, 0, 1];
  return [0, 1, 2].map((axis) => {
    const sorted = points.map((point) => point[axis]).sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  });
}

/** Angle between neighbours when so many points fill one 4:3 picture. */
export function guessedSpacing(count) {
  return ASSUMED_FIELD_OF_VIEW / Math.sqrt(Math.max(1, (4 / 3) * count));
}
