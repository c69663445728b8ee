// SPDX-License-Identifier: Apache-2.0
// Where a camera stands, as the server wants it.

/**
 * World-to-camera [R | t], 3 rows of 4 one after the other, in the axes x right, y down, z forward, of a camera that
 * stands x to the right, y up and z forward of the world's origin and looks `turn` degrees to the
 * right of forward. A point p of the world is R p + t for the camera: t = -R c.
 */
export function extrinsicsOf({ x, y, z, turn }) {
  const angle = (turn * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const rotation = [
    [cos, 0, -sin],
    [0, 1, 0],
    [sin, 0, cos],
  ];
  const center = [x, -y, z];
  return rotation.flatMap((row) => [...row, -row.reduce((sum, value, axis) => sum + value * center[axis], 0)]);
}
