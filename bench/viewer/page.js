// SPDX-License-Identifier: Apache-2.0
// Runs in the browser: times the viewer's decoder, and its zstd beside one in plain JavaScript.

import { decode } from "@msgpack/msgpack";
import { decompress as fzstd } from "fzstd";
import { ZSTDDecoder } from "zstddec";
import { decodeCloud, decoderReady } from "#viewer/wire/message.js";

/** messages: {name: base64}. {name: {bytes, points, times: ms of each round}}, in turns. */
window.measure = async (messages, rounds) => {
  await decoderReady();
  const zstd = new ZSTDDecoder();
  await zstd.init();
  const cases = {};
  for (const [name, base64] of Object.entries(messages)) {
    const packet = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const { count: points, jpeg } = decodeCloud(packet);
    const run = async () => {
      const cloud = decodeCloud(packet);
      if (cloud.jpeg) (await createImageBitmap(new Blob([cloud.jpeg]))).close();
    };
    cases[jpeg ? `${name}, JPEG included` : name] = { bytes: packet.length, points, run, times: [] };
    if (jpeg || name !== "depth") continue;
    const { codes } = decode(packet);
    const size = fzstd(codes).length;
    const part = { bytes: codes.length, points };
    cases["its codes, zstddec"] = { ...part, run: () => zstd.decode(codes, size), times: [] };
    cases["its codes, fzstd"] = { ...part, run: () => fzstd(codes, new Uint8Array(size)), times: [] };
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { run, times } of Object.values(cases)) {
      const start = performance.now();
      await run();
      times.push(performance.now() - start);
    }
  }
  return Object.fromEntries(Object.entries(cases).map(([name, { run, ...rest }]) => [name, rest]));
};
