// SPDX-License-Identifier: Apache-2.0
// Decodes one message after the other beside the page's own thread.

import { decodeCloud, decoderReady } from "./wire/message.js";

self.onmessage = async ({ data: packet }) => {
  try {
    await decoderReady();
    const start = performance.now();
    const cloud = decodeCloud(packet);
    if (cloud.jpeg) cloud.picture = await pictureOf(cloud);
    const decodeMs = performance.now() - start;
    self.postMessage({ cloud: { ...cloud, decodeMs, bytes: packet.byteLength } }, memoryOf(cloud));
  } catch (error) {
    self.postMessage({ error: error.message });
  }
};

async function pictureOf({ jpeg, columns, rows }) {
  const picture = await createImageBitmap(new Blob([jpeg]));
  if (picture.width !== columns || picture.height !== rows) {
    throw new Error(`colours of ${picture.width} x ${picture.height} for a grid of ${columns} x ${rows}`);
  }
  return picture;
}

/** What is handed over instead of copied. */
function memoryOf(cloud) {
  return Object.values(cloud).flatMap((value) => {
    if (ArrayBuffer.isView(value)) return [value.buffer];
    return value instanceof ImageBitmap ? [value] : [];
  });
}
