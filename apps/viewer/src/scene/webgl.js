// SPDX-License-Identifier: Apache-2.0

/** Whether this browser draws clouds at all. */
export function hasWebGL() {
  return Boolean(document.createElement("canvas").getContext("webgl2"));
}
