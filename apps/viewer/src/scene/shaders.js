// SPDX-License-Identifier: Apache-2.0
// A point is as large as the gap between samples where its camera saw it, so that surfaces close from
// that side and open as one moves around. Scene axes are those of three.js: x right, y up, z backward.

const COMMON = /* glsl */ `
  uniform float pointSize;   // slider: 1 closes the gaps
  uniform float spacing;     // between samples, as a share of the distance from the camera
  uniform float distance;    // a typical one, where points come from several cameras; 0: each point's own
  uniform float focal;       // of the view, pixels
  uniform float medianDepth;
  uniform bool colorByDepth;
  varying vec3 pointColor;

  vec3 depthColor(float z) {
    float t = clamp(0.5 + 0.25 * log2(max(z, 1e-9) / medianDepth), 0.0, 1.0); // 2 octaves to each side
    return clamp(1.5 - abs(4.0 * (1.0 - t) - vec3(3.0, 2.0, 1.0)), 0.0, 1.0);
  }

  /** p: axes v1, z forward. */
  void place(vec3 p, vec3 color) {
    vec4 view = modelViewMatrix * vec4(p.xy, -p.z, 1.0);
    gl_Position = projectionMatrix * view;
    float seenFrom = distance > 0.0 ? distance : p.z;
    gl_PointSize = clamp(pointSize * spacing * seenFrom * focal / -view.z, 1.0, 64.0);
    pointColor = colorByDepth ? depthColor(p.z) : color;
  }
`;

/** Points one by one: floats, or 16-bit steps in a box. */
export const POINTS_VERTEX = /* glsl */ `
  ${COMMON}
  uniform vec3 origin;
  uniform float scale;
  attribute vec3 color;

  void main() {
    place(origin + scale * position, color);
  }
`;

/** A depth grid: the vertex's number says where it lies, its level how far. */
export const GRID_VERTEX = /* glsl */ `
  ${COMMON}
  uniform int columns;
  uniform float stride;
  uniform vec4 intrinsics;    // fx, fy, cx, cy
  uniform float near;
  uniform float step;
  uniform sampler2D picture;
  uniform bool hasPicture;
  uniform vec2 pictureScale;
  uniform vec2 pictureOffset;
  attribute float level;

  void main() {
    if (level == 65535.0) { // no point
      gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
      return;
    }
    vec2 cell = vec2(gl_VertexID % columns, gl_VertexID / columns);
    vec2 ray = (stride * cell - intrinsics.zw) / intrinsics.xy;
    float z = near * exp2(level * step);
    vec3 color = hasPicture ? texture2D(picture, cell * pictureScale + pictureOffset).rgb : vec3(1.0);
    place(vec3(ray.x, -ray.y, 1.0) * z, color);
  }
`;

export const FRAGMENT = /* glsl */ `
  varying vec3 pointColor;

  void main() {
    gl_FragColor = vec4(pointColor, 1.0);
  }
`;
