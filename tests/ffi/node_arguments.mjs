// SPDX-License-Identifier: Apache-2.0
// What the Node example refuses before it calls C. Runs beside it and its packages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Model, Pipeline } from "./depthcloud.mjs";

const model = new Model("constant:2");
const pipeline = new Pipeline(model);
const image = { data: new Uint8Array(8 * 6 * 3), width: 8, height: 6 };

test("pixels become a frame in every format", () => {
  for (const [format, channels] of [["rgb", 3], ["bgr", 3], ["rgba", 4], ["bgra", 4], ["gray", 1]]) {
    const frame = pipeline.processImage({ ...image, data: new Uint8Array(48 * channels).fill(255), format });
    assert.equal(frame.size, 4 * 3, format); // stride 2
    const { positions } = frame;
    frame.close();
    assert.deepEqual(positions.filter((_, i) => i % 3 === 2), new Float32Array(12).fill(2)); // a copy
  }
  assert.equal(pipeline.processImage({ ...image, data: new Uint8ClampedArray(144) }).size, 12);
});

test("what is no row of bytes is refused by name", () => {
  const rows = Array.from({ length: 6 }, () => new Uint8Array(24));
  for (const data of [rows, new Float32Array(144), new Uint16Array(144), new ArrayBuffer(144), "pixels", null, undefined]) {
    assert.throws(() => pipeline.processImage({ ...image, data }), /^TypeError: data must be a Uint8Array, not/);
    assert.throws(() => pipeline.process(data), /^TypeError: photo must be a Uint8Array, not/);
  }
  assert.throws(() => pipeline.process(new Uint8Array(0)), /^RangeError: photo is empty$/);
});

test("a length that the size does not explain is refused", () => {
  for (const length of [143, 145, 48, 192]) {
    const text = new RegExp(`^RangeError: data holds ${length} bytes, not 6 x 8 x 3 = 144$`);
    assert.throws(() => pipeline.processImage({ ...image, data: new Uint8Array(length) }), text);
  }
  for (const side of ["width", "height"]) {
    for (const value of [0, -8, 1.5, 2 ** 31, NaN, "8", undefined, 8n]) {
      const text = new RegExp(`^RangeError: ${side} must be a whole number of pixels`);
      assert.throws(() => pipeline.processImage({ ...image, [side]: value }), text);
    }
  }
  assert.throws(() => pipeline.processImage({ ...image, format: "yuv" }), /^TypeError: format must be one of rgb, bgr/);
});

test("handles and texts are what they say", () => {
  for (const other of [{}, null, pipeline]) assert.throws(() => new Pipeline(other), /^TypeError: model must be a Model/);
  assert.throws(() => new Model(5), /^TypeError: source must be a string, not Number$/);
  assert.throws(() => new Model("a\0b"), /^TypeError: source must not hold a zero character$/);
  const frame = pipeline.processImage(image);
  assert.throws(() => frame.writePly(undefined), /^TypeError: path must be a string/);
  frame.close();
  frame.close();
  assert.throws(() => frame.positions, /^Error: the Frame is closed$/);
  assert.throws(() => frame.writePly("a.ply"), /^Error: the Frame is closed$/);
  const closed = new Model("constant:1");
  closed.close();
  assert.throws(() => new Pipeline(closed), /^Error: the Model is closed$/);
});
