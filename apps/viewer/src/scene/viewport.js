// SPDX-License-Identifier: Apache-2.0
// The picture: one cloud, seen from where one drags it to. Draws when something changed, not else.

import { PerspectiveCamera, Scene, WebGLRenderer } from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { GridMesh } from "./grid-mesh.js";
import { PointsMesh } from "./points-mesh.js";

const FIELD_OF_VIEW = 50; // degrees
const MAX_PIXEL_RATIO = 2; // more costs a phone its battery and shows nothing

export class Viewport {
  #renderer;
  #scene = new Scene();
  #camera = new PerspectiveCamera(FIELD_OF_VIEW, 1, 0.01, 1000);
  #controls;
  #uniforms = {
    pointSize: { value: 1.3 },
    spacing: { value: 0 },
    distance: { value: 0 },
    focal: { value: 1 },
    medianDepth: { value: 1 },
    colorByDepth: { value: false },
  };
  #meshes = { points: new PointsMesh(this.#uniforms), grid: new GridMesh(this.#uniforms) };
  #drawRequested = false;
  #framed = false;
  #cloud = null;
  #onDrawn;

  /** onDrawn(cloud) is called once for each cloud, after it was drawn. Throws without WebGL 2. */
  constructor(canvas, onDrawn = () => {}) {
    this.#onDrawn = onDrawn;
    this.#renderer = new WebGLRenderer({ canvas, powerPreference: "high-performance" });
    this.#renderer.setClearColor(0x10141a);
    this.#controls = new OrbitControls(this.#camera, canvas);
    this.#controls.enableDamping = false;
    this.#controls.addEventListener("change", () => this.#requestDraw());
    for (const mesh of Object.values(this.#meshes)) {
      mesh.visible = false;
      this.#scene.add(mesh);
    }
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#resize();
  }

  get cloud() {
    return this.#cloud;
  }

  set pointSize(value) {
    this.#uniforms.pointSize.value = value;
    this.#requestDraw();
  }

  set colorByDepth(value) {
    this.#uniforms.colorByDepth.value = value;
    this.#requestDraw();
  }

  /** Takes over the cloud's picture, and closes it when the next cloud comes. */
  show(cloud) {
    const before = this.#cloud;
    this.#cloud = { ...cloud, isNew: true };
    for (const [kind, mesh] of Object.entries(this.#meshes)) mesh.visible = kind === cloud.kind;
    this.#meshes[cloud.kind].update(cloud);
    before?.picture?.close();
    this.#uniforms.spacing.value = cloud.spacing;
    this.#uniforms.medianDepth.value = cloud.middle[2];
    this.#uniforms.distance.value = cloud.numViews ? cloud.middle[2] : 0;
    if (!this.#framed && cloud.count > 0) this.resetView();
    this.#requestDraw();
  }

  /** Looks from a little behind where the photo was taken. */
  resetView() {
    if (!this.#cloud) return;
    this.#framed = true;
    const [, , depth] = this.#cloud.middle;
    this.#camera.near = depth / 200;
    this.#camera.far = depth * 200;
    this.#camera.position.set(0, 0, 0.25 * depth);
    this.#controls.target.set(0, 0, -depth);
    this.#controls.update();
    this.#resize();
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.#renderer.domElement;
    if (!width || !height) return;
    this.#renderer.setPixelRatio(Math.min(window.devicePixelRatio, MAX_PIXEL_RATIO));
    this.#renderer.setSize(width, height, false);
    this.#camera.aspect = width / height;
    // A tall screen shows as much to the sides as a square one.
    const half = Math.tan((FIELD_OF_VIEW * Math.PI) / 360) / Math.min(1, this.#camera.aspect);
    this.#camera.fov = (360 / Math.PI) * Math.atan(half);
    this.#camera.updateProjectionMatrix();
    this.#uniforms.focal.value = (this.#renderer.domElement.height / 2) / half;
    this.#requestDraw();
  }

  #requestDraw() {
    if (this.#drawRequested) return;
    this.#drawRequested = true;
    requestAnimationFrame(() => {
      this.#drawRequested = false;
      this.#renderer.render(this.#scene, this.#camera);
      if (!this.#cloud?.isNew) return;
      this.#cloud.isNew = false;
      this.#onDrawn(this.#cloud);
    });
  }
}
