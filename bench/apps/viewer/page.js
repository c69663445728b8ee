// SPDX-License-Identifier: Apache-2.0
// Runs in the browser: times the viewer's decoder, and its zstd beside one in plain JavaScript and
// beside the browser's own deflate on the same parts.

import { decodeCloud, decoderReady } from "depthcloud";
import { decompress as fzstd } from "fzstd";
import { ZSTDDecoder } from "zstddec";

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

async function inflate(bytes) {
  const stream = new DecompressionStream("deflate-raw");
  const writer = stream.writable.getWriter();
  const written = [writer.write(bytes), writer.close()];
  const result = new Uint8Array(await new Response(stream.readable).arrayBuffer());
  await Promise.all(written);
  return result;
}

/**
 * messages: {name: base64}; parts: {name of a compression: [base64 of each part]}, sizes: of the parts.
 * {name: {bytes, points, times: ms of each round}}, in turns.
 */
window.measure = async (messages, parts, sizes, rounds) => {
  await decoderReady();
  const zstd = new ZSTDDecoder();
  await zstd.init();
  const cases = {};
  for (const [name, base64] of Object.entries(messages)) {
    const packet = bytesOf(base64);
    const { count: points, jpeg } = decodeCloud(packet);
    const run = async () => {
      const cloud = decodeCloud(packet);
      if (cloud.jpeg) (await createImageBitmap(new Blob([cloud.jpeg]))).close();
    };
    cases[jpeg ? `${name}, JPEG included` : name] = { bytes: packet.length, points, run, times: [] };
  }
  const addParts = (name, compression, decompress) => {
    const compressed = parts[compression].map(bytesOf);
    cases[`its parts, ${name}`] = {
      bytes: compressed.reduce((sum, { length }) => sum + length, 0),
      points: cases.depth.points,
      run: () => Promise.all(compressed.map(decompress)),
      times: [],
    };
  };
  addParts("zstddec", "zstd", (part, i) => zstd.decode(part, sizes[i]));
  addParts("fzstd", "zstd", (part, i) => fzstd(part, new Uint8Array(sizes[i])));
  for (const level of [1, 6]) addParts(`DecompressionStream, zlib -${level}`, `deflate${level}`, inflate);
  for (let round = 0; round < rounds; round += 1) {
    for (const { run, times } of Object.values(cases)) {
      const start = performance.now();
      await run();
      times.push(performance.now() - start);
    }
  }
  return Object.fromEntries(Object.entries(cases).map(([name, { run, ...rest }]) => [name, rest]));
};
