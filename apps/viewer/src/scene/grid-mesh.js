// SPDX-License-Identifier: Apache-2.0
// Clouds of kind "grid" (encoding depth): two bytes a sample go to the GPU, its shader unprojects them.

import { pictureMapping } from "depthcloud";
import { BufferGeometry, NearestFilter, Points, ShaderMaterial, Texture, Vector2, Vector4 } from "three";
import { setAttribute } from "./dynamic-attribute.js";
import { FRAGMENT, GRID_VERTEX } from "./shaders.js";

export class GridMesh extends Points {
  #texture = new Texture();

  constructor(shared) {
    const uniforms = {
      ...shared,
      columns: { value: 1 },
      stride: { value: 1 },
      intrinsics: { value: new Vector4() },
      near: { value: 1 },
      step: { value: 1 },
      picture: { value: null },
      hasPicture: { value: false },
      pictureScale: { value: new Vector2() },
      pictureOffset: { value: new Vector2() },
    };
    super(
      new BufferGeometry(),
      new ShaderMaterial({ vertexShader: GRID_VERTEX, fragmentShader: FRAGMENT, uniforms }),
    );
    this.frustumCulled = false; // its bounds would have to be found for every cloud
    this.#texture.flipY = false;
    this.#texture.generateMipmaps = false;
    this.#texture.magFilter = this.#texture.minFilter = NearestFilter;
    uniforms.picture.value = this.#texture;
  }

  update(cloud) {
    const { uniforms } = this.material;
    setAttribute(this.geometry, "level", cloud.levels, 1);
    this.geometry.setDrawRange(0, cloud.levels.length);
    for (const name of ["columns", "stride", "near", "step"]) uniforms[name].value = cloud[name];
    uniforms.intrinsics.value.fromArray(cloud.intrinsics);
    const { scale, offset } = pictureMapping(cloud);
    uniforms.pictureScale.value.fromArray(scale);
    uniforms.pictureOffset.value.fromArray(offset);
    this.#paint(cloud.picture);
  }

  #paint(picture) {
    this.material.uniforms.hasPicture.value = Boolean(picture);
    if (!picture) return;
    const before = this.#texture.image;
    if (before?.width !== picture.width || before?.height !== picture.height) this.#texture.dispose();
    this.#texture.image = picture;
    this.#texture.needsUpdate = true;
  }
}
