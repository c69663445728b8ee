// SPDX-License-Identifier: Apache-2.0
// The line between two points, in front of everything.

import { BufferGeometry, Group, Line, LineBasicMaterial, Points, PointsMaterial } from "three";

const COLOR = 0xffd33d;

export class Ruler extends Group {
  #geometry = new BufferGeometry();

  constructor() {
    super();
    const drawn = { color: COLOR, depthTest: false, transparent: true };
    this.add(
      new Line(this.#geometry, new LineBasicMaterial(drawn)),
      new Points(this.#geometry, new PointsMaterial({ ...drawn, size: 9, sizeAttenuation: false })),
    );
    for (const part of this.children) {
      part.frustumCulled = false;
      part.renderOrder = 1;
    }
    this.visible = false;
  }

  /** points: none, one or two. */
  update(points) {
    this.visible = points.length > 0;
    if (!this.visible) return;
    this.#geometry.dispose();
    this.#geometry.deleteAttribute("position");
    this.#geometry.setFromPoints(points);
  }
}
