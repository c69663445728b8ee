// SPDX-License-Identifier: Apache-2.0
// The picture: one cloud, seen from where one drags it to. Draws when something changed, not else.

import { PerspectiveCamera, Scene, Spherical, Vector3, WebGLRenderer } from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { GridMesh } from "./grid-mesh.js";
import { Landmarks } from "./landmarks.js";
import { isInView, pickPoint } from "./picking.js";
import { PointsMesh } from "./points-mesh.js";
import { Ruler } from "./ruler.js";

const FIELD_OF_VIEW = 50; // degrees
const MAX_PIXEL_RATIO = 2; // more costs a phone its battery and shows nothing
const LOOK_AGAIN_MS = 300; // whether a point is in view
const BEFORE_ANY = [0, 2.5, 8]; // where one looks from while there is no cloud: the grid is seen
const FRAMING = 2.2; // radii from the middle of a cloud that no camera of ours took

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
  #landmarks = new Landmarks();
  #ruler = new Ruler();
  #meshes = { points: new PointsMesh(this.#uniforms), grid: new GridMesh(this.#uniforms) };
  #drawRequested = false;
  #framed = false;
  #cloud = null;
  #lookTimer = 0;
  #handlers;

  /**
   * handlers.onDrawn(cloud): once for each cloud, after it was drawn. onCleared(): there is none any more. onMoved(): after each drawing.
   * onInView(boolean): whether a point of the cloud is in view. onContext(boolean): the graphics driver
   * stopped, or works again. Throws without WebGL 2.
   */
  constructor(canvas, handlers) {
    this.#handlers = handlers;
    this.#renderer = new WebGLRenderer({ canvas, powerPreference: "high-performance" });
    for (const [event, works] of [
      ["webglcontextlost", false],
      ["webglcontextrestored", true],
    ]) {
      canvas.addEventListener(event, () => {
        handlers.onContext(works);
        if (works) this.#requestDraw();
      });
    }
    this.#renderer.setClearColor(0x10141a);
    this.#controls = new OrbitControls(this.#camera, canvas);
    this.#controls.enableDamping = false;
    this.#camera.position.set(...BEFORE_ANY);
    this.#controls.update();
    this.#controls.addEventListener("change", () => {
      this.#requestDraw();
      this.#lookSoon();
    });
    for (const mesh of Object.values(this.#meshes)) {
      mesh.visible = false;
      this.#scene.add(mesh);
    }
    this.#scene.add(this.#landmarks, this.#ruler);
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

  set showGrid(value) {
    this.#landmarks.showGrid = value;
    this.#landmarks.refresh();
    this.#requestDraw();
  }

  set showFrustum(value) {
    this.#landmarks.showFrustum = value;
    this.#landmarks.refresh();
    this.#requestDraw();
  }

  /** Side of a cell of the grid, in the unit of the cloud. */
  get gridCell() {
    return this.#landmarks.cell;
  }

  /** Draws a line between two points of the scene, or marks one. */
  set measured(points) {
    this.#ruler.update(points);
    this.#requestDraw();
  }

  /** The point of the cloud at a place of the canvas, CSS pixels; null where there is none. */
  pick(place) {
    return this.#cloud && pickPoint(this.#cloud, this.#camera, place, this.#size);
  }

  /** Where on the canvas a point of the scene lies, CSS pixels; null behind the camera. */
  placeOf(point) {
    const { x, y, z } = point.clone().project(this.#camera);
    const { width, height } = this.#size;
    return z < 1 ? { x: (0.5 + x / 2) * width, y: (0.5 - y / 2) * height } : null;
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
    this.#uniforms.distance.value = isFromItsOrigin(cloud)
      ? cloud.numViews
        ? cloud.middle[2]
        : 0
      : FRAMING * radiusOf(cloud);
    this.#landmarks.update(cloud);
    if (!this.#framed && cloud.count > 0) this.resetView();
    this.#requestDraw();
    this.#lookSoon();
  }

  /** Shows no cloud. */
  clear() {
    if (!this.#cloud) return;
    this.#cloud.picture?.close();
    this.#cloud = null;
    for (const mesh of Object.values(this.#meshes)) mesh.visible = false;
    this.frameNext();
    this.#requestDraw();
    this.#handlers.onCleared();
  }

  /** The next cloud that has points is looked at from where resetView() would. */
  frameNext() {
    this.#framed = false;
  }

  /** Looks from a little behind where the photo was taken; at a cloud from elsewhere, from in front of it. */
  resetView() {
    if (!this.#cloud) return;
    this.#framed = true;
    const { low, middle, high } = this.#cloud;
    const fromOrigin = isFromItsOrigin(this.#cloud);
    const reach = fromOrigin ? middle[2] : FRAMING * radiusOf(this.#cloud);
    this.#camera.near = reach / 200;
    this.#camera.far = reach * 200;
    const [x, y, z] = fromOrigin ? [0, 0, middle[2]] : low.map((value, axis) => (value + high[axis]) / 2);
    this.#controls.target.set(x, y, -z);
    this.#camera.position.set(x, y, fromOrigin ? 0.25 * reach : reach - z);
    this.#controls.update();
    this.#resize();
  }

  /** Turns the view about what it looks at, radians. */
  turn(right, up) {
    const seen = new Spherical().setFromVector3(this.#fromTarget());
    seen.theta -= right;
    seen.phi -= up;
    this.#camera.position.setFromSpherical(seen.makeSafe()).add(this.#controls.target);
    this.#controls.update();
  }

  /** Moves the view across, by shares of the distance to what it looks at. */
  pan(right, up) {
    const distance = this.#fromTarget().length();
    for (const [axis, share] of [
      [0, right],
      [1, up],
    ]) {
      const step = new Vector3().setFromMatrixColumn(this.#camera.matrix, axis).multiplyScalar(share * distance);
      this.#camera.position.add(step);
      this.#controls.target.add(step);
    }
    this.#controls.update();
  }

  /** Comes closer by a factor below 1, or goes away. */
  zoom(factor) {
    this.#camera.position.copy(this.#fromTarget().multiplyScalar(factor)).add(this.#controls.target);
    this.#controls.update();
  }

  /** What the canvas shows, as a canvas of its own. */
  picture() {
    this.#draw(); // the browser keeps the pixels only until it has shown them
    const shown = this.#renderer.domElement;
    const picture = new OffscreenCanvas(shown.width, shown.height);
    picture.getContext("2d").drawImage(shown, 0, 0);
    return picture;
  }

  get #size() {
    const { clientWidth: width, clientHeight: height } = this.#renderer.domElement;
    return { width, height };
  }

  #fromTarget() {
    return this.#camera.position.clone().sub(this.#controls.target);
  }

  #lookSoon() {
    this.#lookTimer ||= setTimeout(() => {
      this.#lookTimer = 0;
      if (this.#cloud) this.#handlers.onInView(isInView(this.#cloud, this.#camera));
    }, LOOK_AGAIN_MS);
  }

  #resize() {
    const { width, height } = this.#size;
    if (!width || !height) return;
    this.#renderer.setPixelRatio(Math.min(window.devicePixelRatio, MAX_PIXEL_RATIO));
    this.#renderer.setSize(width, height, false);
    this.#camera.aspect = width / height;
    // A tall screen shows as much to the sides as a square one.
    const half = Math.tan((FIELD_OF_VIEW * Math.PI) / 360) / Math.min(1, this.#camera.aspect);
    this.#camera.fov = (360 / Math.PI) * Math.atan(half);
    this.#camera.updateProjectionMatrix();
    this.#uniforms.focal.value = this.#renderer.domElement.height / 2 / half;
    this.#requestDraw();
  }

  #requestDraw() {
    if (this.#drawRequested) return;
    this.#drawRequested = true;
    requestAnimationFrame(() => {
      this.#drawRequested = false;
      this.#draw();
      if (!this.#cloud?.isNew) return;
      this.#cloud.isNew = false;
      this.#handlers.onDrawn(this.#cloud);
    });
  }

  #draw() {
    this.#renderer.render(this.#scene, this.#camera);
    this.#handlers.onMoved();
  }
}

/** Whether points lie before the origin, as those of a camera there do. */
function isFromItsOrigin({ low }) {
  return low[2] > 0;
}

function radiusOf({ low, high }) {
  return Math.hypot(...high.map((value, axis) => value - low[axis])) / 2 || 1;
}
