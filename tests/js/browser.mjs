// SPDX-License-Identifier: Apache-2.0
// What runs in the page of chromium_test.mjs.

import { connect, decoderReady, pointsOf } from "depthcloud";
import { wireCases } from "./wire_cases.mjs";

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** files: {name: base64}. [name, what went wrong or ""] of each case. */
window.runWireCases = async (files) => {
  await decoderReady();
  const messages = Object.fromEntries(Object.entries(files).map(([name, base64]) => [name, bytesOf(base64)]));
  return wireCases(messages).map(([name, run]) => {
    try {
      run();
      return [name, ""];
    } catch (error) {
      return [name, error.stack];
    }
  });
};

/** The cloud of a photo from the server of this page. */
window.cloudOfPhoto = async (base64) => {
  const client = await connect(window.location.href, { encoding: "depth", stride: 4 });
  const cloud = await client.send(bytesOf(base64), { captureTs: 2.5 });
  const refused = await client.send(new Uint8Array([1, 2, 3])).catch(({ name, code }) => `${name} ${code}`);
  client.close();
  const [x, y, z] = pointsOf(cloud).positions;
  return { encoding: cloud.encoding, count: cloud.count, captureTs: cloud.captureTs, first: [x, y, z], refused };
};

window.refusedWith = (url) => connect(url).catch((error) => error.message);
