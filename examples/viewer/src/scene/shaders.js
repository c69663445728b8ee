// SPDX-License-Identifier: Apache-2.0
// A point is as large as the gap between samples where its camera saw it, so that surfaces close from
// that side and open as one moves around. Scene axes are those of three.js: x right, y up, z backward.

const COMMON = /* glsl */ `
  uniform float pointSize;     // slider: 1 closes the gaps
  uniform float spacing;       // between samples, as a share of the distance from the camera
  uniform float distance;      // typical one, where points come from several cameras; 0: use each point's
  uniform float focal;         // of the view, pixels
  uniform float medianDepth;
  varying vec3 pointColor;

  void place(vec3 p) {
    vec4 view = modelViewMatrix * vec4(p, 1.0);
    gl_Position = projectionMatrix * view;
    float seenFrom = distance > 0.0 ? distance : abs(p.z);
    gl_PointSize = clamp(pointSize * spacing * seenFrom * focal / -view.z, 1.0, 64.0);
  }

  vec3 depthColor(float z) {
    float t = clamp(0.5 + 0.25 * log2(z / medianDepth), 0.0, 1.0); // 2 octaves to each side
    return clamp(vec3(1.5, 1.5, 1.5) - abs(4.0 * vec3(1.0 - t) - vec3(3.0, 2.0, 1.0)), 0.0, 1.0);
  }
`;

/** Points one by one: floats, or 16-bit integers with an origin and a scale. */
export const POINTS_VERTEX = /* glsl */ `
  ${COMMON}
  uniform vec3 origin;
  uniform vec3 scale;
  uniform bool colorByDepth;
  attribute vec3 color;

  void main() {
    vec3 p = origin + scale * position; // axes v1: z forward
    place(vec3(p.xy, -p.z));
    pointColor = colorByDepth ? depthColor(max(p.z, 1e-6)) : color;
  }
`;

export const FRAGMENT = /* glsl */ `
  varying vec3 pointColor;

  void main() {
    gl_FragColor = vec4(pointColor, 1.0);
  }
`;
