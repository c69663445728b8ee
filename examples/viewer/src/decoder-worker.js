// SPDX-License-Identifier: Apache-2.0
// Decodes one message after the other beside the page's own thread.

import { decodeCloud } from "./wire/message.js";

self.onmessage = ({ data: packet }) => {
  const start = performance.now();
  try {
    const cloud = decodeCloud(packet);
    const decodeMs = performance.now() - start;
    self.postMessage({ cloud: { ...cloud, decodeMs, bytes: packet.byteLength } }, memoryOf(cloud));
  } catch (error) {
    self.postMessage({ error: error.message });
  }
};

/** What is handed over instead of copied. */
function memoryOf(cloud) {
  return Object.values(cloud).flatMap((value) => {
    if (ArrayBuffer.isView(value)) return [value.buffer];
    return value instanceof ImageBitmap ? [value] : [];
  });
}
