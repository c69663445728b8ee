// SPDX-License-Identifier: Apache-2.0
// The points of a cloud one by one, in the axes of the scene, as the shaders place them.

import { depthOf, NO_LEVEL, positionOf } from "depthcloud";

/** {length, read(i, target)}: read writes x y z of sample i into an array; false where it is no point. */
export function pointReader(cloud) {
  return cloud.kind === "grid" ? gridReader(cloud) : boxReader(cloud);
}

function boxReader({ positions, origin, scale }) {
  return {
    length: positions.length / 3,
    read(i, target) {
      for (let axis = 0; axis < 3; axis += 1) target[axis] = origin[axis] + scale * positions[3 * i + axis];
      target[2] = -target[2];
      return true;
    },
  };
}

function gridReader(grid) {
  return {
    length: grid.levels.length,
    read(i, target) {
      if (grid.levels[i] === NO_LEVEL) return false;
      [target[0], target[1], target[2]] = positionOf(grid, i, depthOf(grid, grid.levels[i]));
      target[2] = -target[2];
      return true;
    },
  };
}
