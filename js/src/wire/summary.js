// SPDX-License-Identifier: Apache-2.0
// What a view needs to know of a cloud as a whole, from a sample of its points.

const SAMPLES = 1000;
const ASSUMED_FIELD_OF_VIEW = 1.05; // radians: 60 degrees, where a message does not say
const SHARES = { low: 0.02, middle: 0.5, high: 0.98 }; // single points that are far off do not count

/** For each share of SHARES, that quantile of each coordinate. pointAt(i) gives [x, y, z] or null. */
export function summaryOf(count, pointAt) {
  const step = Math.max(1, Math.floor(count / SAMPLES));
  const points = [];
  for (let i = 0; i < count; i += step) {
    const point = pointAt(i);
    if (point?.every(Number.isFinite)) points.push(point);
  }
  if (!points.length) return { low: [0, 0, 1], middle: [0, 0, 1], high: [0, 0, 1] };
  const sorted = [0, 1, 2].map((axis) => points.map((point) => point[axis]).sort((a, b) => a - b));
  return Object.fromEntries(
    Object.entries(SHARES).map(([name, share]) => [
      name,
      sorted.map((values) => values[Math.min(values.length - 1, Math.floor(share * values.length))]),
    ]),
  );
}

/** Angle between neighbours when so many points fill one 4:3 picture. */
export function guessedSpacing(count) {
  return ASSUMED_FIELD_OF_VIEW / Math.sqrt(Math.max(1, (4 / 3) * count));
}
