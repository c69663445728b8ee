// SPDX-License-Identifier: Apache-2.0

import { BufferAttribute, DynamicDrawUsage } from "three";

/**
 * Gives a geometry these values, in the memory of those before when they fit: clouds come in like
 * sizes, many a second.
 */
export function setAttribute(geometry, name, values, itemSize, normalized = false) {
  const attribute = geometry.getAttribute(name);
  if (attribute?.array.constructor === values.constructor && attribute.array.length >= values.length) {
    attribute.array.set(values);
    attribute.clearUpdateRanges();
    attribute.addUpdateRange(0, values.length);
    attribute.needsUpdate = true;
    return;
  }
  geometry.dispose(); // frees the old memory on the GPU
  const fresh = new BufferAttribute(values, itemSize, normalized).setUsage(DynamicDrawUsage);
  geometry.setAttribute(name, fresh);
}
