// SPDX-License-Identifier: Apache-2.0
// Reads files with a cloud beside the page's own thread.

import { readPoints } from "./cloud-file.js";
import { memoryOf, readMessage } from "./message-cloud.js";

self.onmessage = async ({ data: { id, file } }) => {
  try {
    const bytes = await file.arrayBuffer();
    const cloud = file.name.toLowerCase().endsWith(".msgpack")
      ? await readMessage(bytes)
      : readPoints(file.name, bytes);
    self.postMessage({ id, cloud }, memoryOf(cloud));
  } catch (error) {
    self.postMessage({ id, error: `${file.name}: ${reasonOf(error)}` });
  }
};
self.postMessage({ isLoaded: true });

function reasonOf(error) {
  const isMemory = error instanceof RangeError && /alloc|array length|memory/i.test(error.message);
  return isMemory ? "the browser has no memory for it" : error.message;
}
