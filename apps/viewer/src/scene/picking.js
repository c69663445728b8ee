// SPDX-License-Identifier: Apache-2.0
// Which point of a cloud lies under a place of the screen, and whether any is in view.

import { Vector3, Vector4 } from "three";
import { pointReader } from "./point-reader.js";

const REACH = 12; // CSS pixels: a finger's precision
const SAMPLES = 500;

/** Calls visit(x, y, depth, point) for points before the camera: x and y from -1 to 1 across the picture. */
function project(cloud, camera, stride, visit) {
  const matrix = camera.projectionMatrix.clone().multiply(camera.matrixWorldInverse);
  const { length, read } = pointReader(cloud);
  const point = [0, 0, 0];
  const clip = new Vector4();
  for (let i = 0; i < length; i += stride) {
    if (!read(i, point)) continue;
    clip.set(...point, 1).applyMatrix4(matrix);
    if (clip.w > 0) visit(clip.x / clip.w, clip.y / clip.w, clip.w, point);
  }
}

/** The point nearest to the camera of those within reach of a place in CSS pixels; null where there is none. */
export function pickPoint(cloud, camera, { x, y }, { width, height }) {
  let best = null;
  project(cloud, camera, 1, (clipX, clipY, depth, point) => {
    const [across, down] = [(0.5 + clipX / 2) * width - x, (0.5 - clipY / 2) * height - y];
    const off = Math.hypot(across, down);
    if (off > REACH) return;
    const score = depth * (1 + off / REACH); // of one surface, the point under the pointer
    if (!best || score < best.score) best = { score, point: new Vector3(...point) };
  });
  return best?.point ?? null;
}

/** Whether a sample of the points has one in view. */
export function isInView(cloud, camera) {
  let seen = false;
  project(cloud, camera, Math.max(1, Math.floor(pointReader(cloud).length / SAMPLES)), (x, y) => {
    seen ||= Math.abs(x) <= 1 && Math.abs(y) <= 1;
  });
  return seen;
}
