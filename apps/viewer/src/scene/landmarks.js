// SPDX-License-Identifier: Apache-2.0
// Lines to find one's way by: a grid below the cloud, the axes of its origin, and what the camera saw.

import {
  AxesHelper,
  BufferGeometry,
  Float32BufferAttribute,
  GridHelper,
  Group,
  LineBasicMaterial,
  LineSegments,
} from "three";

const CELLS = 20;
const CELLS_TO_THE_CLOUD = 5;
const FRUSTUM_SHARE = 0.3; // of the way to the middle of the cloud

export class Landmarks extends Group {
  #grid = new GridHelper(CELLS, CELLS, 0x9198a1, 0x59626d);
  #axes = new AxesHelper(1);
  #frustum = new LineSegments(new BufferGeometry(), new LineBasicMaterial({ color: 0x5ac8fa }));
  #hasFrustum = false;
  showGrid = false;
  showFrustum = false;

  constructor() {
    super();
    this.add(this.#grid, this.#axes, this.#frustum);
    this.refresh();
  }

  /** Side of a cell of the grid, in the unit of the cloud: 1, 2 or 5 times a power of ten. */
  get cell() {
    return this.#grid.scale.x;
  }

  update({ low, middle, high, frustum }) {
    const extent = Math.max(...high.map((value, axis) => Math.abs(value - low[axis])), Math.abs(middle[2])) || 1;
    this.#grid.scale.setScalar(roundStep(extent / CELLS_TO_THE_CLOUD));
    this.#grid.position.set(0, low[1], 0);
    this.#axes.scale.setScalar(this.cell);
    this.#hasFrustum = Boolean(frustum);
    if (frustum) this.#aim(frustum, FRUSTUM_SHARE * middle[2]);
    this.refresh();
  }

  refresh() {
    this.#grid.visible = this.#axes.visible = this.showGrid;
    this.#frustum.visible = this.showFrustum && this.#hasFrustum;
  }

  #aim({ left, right, top, bottom }, depth) {
    const corners = [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
    ].map(([x, y]) => [x * depth, y * depth, -depth]);
    const lines = corners.flatMap((corner, i) => [[0, 0, 0], corner, corner, corners[(i + 1) % 4]]);
    this.#frustum.geometry.setAttribute("position", new Float32BufferAttribute(lines.flat(), 3));
    this.#frustum.geometry.computeBoundingSphere();
  }
}

/** The largest of 1, 2, 5, 10, ... (and their tenths) that is no greater. */
export function roundStep(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = value / power;
  return (digit >= 5 ? 5 : digit >= 2 ? 2 : 1) * power;
}
