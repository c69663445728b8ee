// SPDX-License-Identifier: Apache-2.0
// In a worker: a message becomes a cloud with its picture, and goes to the page without a copy.

import { decodeCloud, decoderReady } from "depthcloud";

export async function readMessage(packet) {
  await decoderReady();
  const start = performance.now();
  const cloud = decodeCloud(packet);
  if (cloud.jpeg) cloud.picture = await pictureOf(cloud);
  return { ...cloud, decodeMs: performance.now() - start, bytes: packet.byteLength };
}

/** What is handed over instead of copied. */
export function memoryOf(cloud) {
  return Object.values(cloud).flatMap((value) => {
    if (ArrayBuffer.isView(value)) return [value.buffer];
    return value instanceof ImageBitmap ? [value] : [];
  });
}

async function pictureOf({ jpeg, columns, rows }) {
  const picture = await createImageBitmap(new Blob([jpeg]));
  if (picture.width !== columns || picture.height !== rows) {
    throw new Error(`colours of ${picture.width} x ${picture.height} for a grid of ${columns} x ${rows}`);
  }
  return picture;
}
