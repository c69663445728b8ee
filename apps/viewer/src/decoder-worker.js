// SPDX-License-Identifier: Apache-2.0
// Decodes one message after the other beside the page's own thread.

import { memoryOf, readMessage } from "./message-cloud.js";

self.onmessage = async ({ data: packet }) => {
  try {
    const cloud = await readMessage(packet);
    self.postMessage({ cloud }, memoryOf(cloud));
  } catch (error) {
    self.postMessage({ error: error.message });
  }
};
