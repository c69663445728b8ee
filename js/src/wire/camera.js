// SPDX-License-Identifier: Apache-2.0
// The camera of a message's points: the size of its image plane, and its intrinsics in pixels of that plane.

import { requireCount, requireNumbers } from "./checks.js";

/** The edges of the image plane at depth 1, in axes v1: what the camera saw. Nothing without a camera. */
export function frustumOf({ width, height, intrinsics }) {
  if (width === undefined || height === undefined || intrinsics === undefined) return undefined;
  requireCount("width", width, 1);
  requireCount("height", height, 1);
  requireNumbers("intrinsics", intrinsics, 4);
  const [fx, fy, cx, cy] = intrinsics;
  if (!(fx > 0 && fy > 0)) throw new Error(`focal lengths ${fx} and ${fy} are not positive`);
  return {
    left: (-0.5 - cx) / fx,
    right: (width - 0.5 - cx) / fx,
    top: (cy + 0.5) / fy,
    bottom: (cy + 0.5 - height) / fy,
  };
}
