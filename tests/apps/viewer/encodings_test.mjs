// SPDX-License-Identifier: Apache-2.0
// The viewer's decoder against the library's on the same messages, and what it does with broken ones.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { decode, encode } from "@msgpack/msgpack";
import { decodeCloud, decoderReady } from "#viewer/wire/message.js";
import { pointsOf } from "#viewer/wire/points.js";

const folder = mkdtempSync(join(tmpdir(), "depthcloud-messages-"));
execFileSync(process.env.DEPTHCLOUD_WIRE_MESSAGES, [folder]);
after(() => rmSync(folder, { recursive: true }));
await decoderReady();

const messageOf = (name) => new Uint8Array(readFileSync(join(folder, `${name}.msgpack`)));

function libraryReads(name) {
  const bytes = readFileSync(join(folder, `${name}.points`));
  const count = bytes.length / 15;
  return {
    positions: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 12 * count)),
    colors: new Uint8Array(bytes.subarray(12 * count)),
  };
}

for (const name of ["f32", "q16", "depth", "depth_holes", "depth_stride", "depth_pixel", "depth_empty", "depth_fine"]) {
  test(`${name} equals what the library reads`, () => {
    const cloud = decodeCloud(messageOf(name));
    const expected = libraryReads(name);
    const { positions, colors } = pointsOf(cloud);
    assert.equal(cloud.encoding, name.split("_")[0]);
    assert.equal(cloud.count, expected.positions.length / 3);
    assert.deepEqual([cloud.frameId, cloud.captureTs], [7, 2.5]);
    assert.deepEqual(colors, expected.colors);
    const worst = positions.reduce((max, value, i) => Math.max(max, Math.abs(value - expected.positions[i])), 0);
    assert.ok(positions.length === expected.positions.length && worst <= 1e-5, `off by ${worst}`);
    if (cloud.count > 1) assert.ok(cloud.middle[2] > 1.5 && cloud.middle[2] < 9.5);
  });
}

test("the colours of a grid are a JPEG of its size, or pixels of the client's frame", () => {
  const cloud = decodeCloud(messageOf("depth_jpeg"));
  assert.deepEqual([...cloud.jpeg.subarray(0, 2)], [0xff, 0xd8]);

  const client = decodeCloud(messageOf("depth_stride"));
  const frame = { width: 202, height: 134, data: new Uint8Array(4 * 202 * 134) }; // twice the grid's size
  frame.data.forEach((_, i) => (frame.data[i] = i % 4 === 0 ? (i >> 2) % 202 : Math.floor((i >> 2) / 202)));
  const { colors } = pointsOf(client, frame);
  let at = 0;
  client.levels.forEach((level, i) => {
    if (level === 65535) return;
    const [u, v] = [3 * (i % client.columns), 3 * Math.floor(i / client.columns)];
    assert.deepEqual([colors[at], colors[at + 1]], [2 * u + 1, 2 * v + 1]);
    at += 3;
  });
});

test("a broken depth message is an error with a text", () => {
  const good = decode(messageOf("depth_holes"));
  const refuses = (change, text) =>
    assert.throws(() => decodeCloud(encode({ ...good, ...change })), { message: text });
  refuses({ width: 0 }, /^width is 0/);
  refuses({ width: 1 << 24, height: 1 << 24 }, /^the grid's size/);
  refuses({ width: good.width + 5 }, /^codes is no zstd frame/);
  refuses({ stride: 1.5 }, /^stride is 1.5/);
  refuses({ near: 0 }, /must be above 0/);
  refuses({ intrinsics: [1, 1, 1] }, /^intrinsics must be 4 finite numbers/);
  refuses({ num_points: good.num_points + 1 }, /points in a grid of/);
  refuses({ mask: undefined }, /^mask is missing|points in a grid of/);
  refuses({ codes: good.codes.slice(0, 20) }, /^codes does not decompress/);
  refuses({ codes: new Uint8Array(3) }, /^codes is no zstd frame/);
  refuses({ escapes: good.mask }, /^escapes/);
  refuses({ codes: "codes" }, /^codes is missing or not binary/);
  const q16 = decode(messageOf("q16"));
  assert.throws(() => decodeCloud(encode({ ...q16, scale: "1" })), /scale must be/);
  assert.throws(() => decodeCloud(encode({ ...q16, origin: [0, 0] })), /origin must be/);
});

test("any byte may be wrong", () => {
  for (const name of ["q16", "depth_holes"]) {
    const message = messageOf(name);
    for (let at = 0; at < message.length; at += 1 + Math.floor(message.length / 400)) {
      const broken = message.slice();
      broken[at] ^= 1 << at % 8;
      try {
        decodeCloud(broken);
      } catch (error) {
        assert.ok(error instanceof Error && error.message, String(error));
      }
    }
  }
});
