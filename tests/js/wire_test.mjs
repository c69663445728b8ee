// SPDX-License-Identifier: Apache-2.0
// The package's readers in Node.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeCloud, decoderReady } from "depthcloud";
import { wireMessages } from "./messages.mjs";
import { wireCases } from "./wire_cases.mjs";

const messages = wireMessages();
assert.throws(() => decodeCloud(messages["depth.msgpack"]), /can be read after "await decoderReady\(\)"$/);
assert.equal(decodeCloud(messages["f32.msgpack"]).encoding, "f32");
await decoderReady();
for (const [name, run] of wireCases(messages)) test(name, run);

test("messages in a pool of Buffers are read", () => {
  for (const name of ["f32", "q16", "depth_jpeg"]) {
    const alone = decodeCloud(messages[`${name}.msgpack`]);
    const message = Buffer.concat([Buffer.from("length"), messages[`${name}.msgpack`]]).subarray(6);
    assert.deepEqual(decodeCloud(message), alone);
  }
});
