// SPDX-License-Identifier: Apache-2.0
// The clouds "points" (encodings f32 and q16) on the GPU, as they came: q16 stays 16-bit.

import { BufferAttribute, BufferGeometry, DynamicDrawUsage, Points, ShaderMaterial, Vector3 } from "three";
import { FRAGMENT, POINTS_VERTEX } from "./shaders.js";

export class PointsMesh extends Points {
  constructor(shared) {
    const uniforms = { ...shared, origin: { value: new Vector3() }, scale: { value: new Vector3() } };
    super(
      new BufferGeometry(),
      new ShaderMaterial({ vertexShader: POINTS_VERTEX, fragmentShader: FRAGMENT, uniforms }),
    );
    this.frustumCulled = false; // its bounds would have to be found for every cloud
  }

  update({ positions, colors, origin, scale, count }) {
    this.#set("position", positions, false);
    this.#set("color", colors, true);
    this.geometry.setDrawRange(0, count);
    this.material.uniforms.origin.value.fromArray(origin);
    this.material.uniforms.scale.value.fromArray(scale);
  }

  /** Writes into the buffer of the cloud before when this one fits: clouds come in like sizes. */
  #set(name, values, normalized) {
    const attribute = this.geometry.getAttribute(name);
    if (attribute?.array.constructor === values.constructor && attribute.array.length >= values.length) {
      attribute.array.set(values);
      attribute.clearUpdateRanges();
      attribute.addUpdateRange(0, values.length);
      attribute.needsUpdate = true;
      return;
    }
    this.geometry.dispose();
    const fresh = new BufferAttribute(values, 3, normalized).setUsage(DynamicDrawUsage);
    this.geometry.setAttribute(name, fresh);
  }
}
