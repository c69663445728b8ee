// SPDX-License-Identifier: Apache-2.0
// Reads one file with a cloud beside the page's own thread.

import { readPoints } from "./cloud-file.js";
import { memoryOf, readMessage } from "./message-cloud.js";

self.onmessage = async ({ data: file }) => {
  try {
    const bytes = await file.arrayBuffer();
    const cloud = file.name.toLowerCase().endsWith(".msgpack")
      ? await readMessage(bytes)
      : readPoints(file.name, bytes);
    self.postMessage({ cloud }, memoryOf(cloud));
  } catch (error) {
    self.postMessage({ error: `${file.name}: ${error.message}` });
  }
};
