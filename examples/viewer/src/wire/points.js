// SPDX-License-Identifier: Apache-2.0
// Any decoded cloud as plain points, for files: what the shaders do, on the processor.

/** {positions: Float32Array of 3 N in axes v1, colors: Uint8Array of 3 N}, the caller's own. */
export function pointsOf({ positions, colors, origin, scale }) {
  const result = new Float32Array(positions.length);
  for (let i = 0; i < positions.length; i += 1) {
    result[i] = origin[i % 3] + scale[i % 3] * positions[i];
  }
  return { positions: result, colors: colors.slice() };
}
