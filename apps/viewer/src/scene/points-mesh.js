// SPDX-License-Identifier: Apache-2.0
// Clouds of kind "points" (encodings f32 and q16) on the GPU as they came: q16 stays 16-bit.

import { BufferGeometry, Points, ShaderMaterial, Vector3 } from "three";
import { setAttribute } from "./dynamic-attribute.js";
import { FRAGMENT, POINTS_VERTEX } from "./shaders.js";

export class PointsMesh extends Points {
  constructor(shared) {
    const uniforms = { ...shared, origin: { value: new Vector3() }, scale: { value: 1 } };
    super(
      new BufferGeometry(),
      new ShaderMaterial({ vertexShader: POINTS_VERTEX, fragmentShader: FRAGMENT, uniforms }),
    );
    this.frustumCulled = false; // its bounds would have to be found for every cloud
  }

  update({ positions, colors, origin, scale, count }) {
    setAttribute(this.geometry, "position", positions, 3);
    setAttribute(this.geometry, "color", colors, 3, true);
    this.geometry.setDrawRange(0, count);
    this.material.uniforms.origin.value.fromArray(origin);
    this.material.uniforms.scale.value = scale;
  }
}
