// SPDX-License-Identifier: Apache-2.0

/** In metres where the cloud says that its unit is metres; a number without a unit else. */
export function distanceText(distance, isMetric) {
  return isMetric ? `${distance.toFixed(distance < 10 ? 3 : 2)} m` : distance.toPrecision(4);
}
