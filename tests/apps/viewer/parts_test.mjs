// SPDX-License-Identifier: Apache-2.0
// The viewer's parts that need no browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { encode } from "@msgpack/msgpack";
import { FrameSender } from "#viewer/frame-sender.js";
import { plyFile } from "#viewer/ply.js";
import { extrinsicsOf } from "#viewer/pose.js";
import { confidenceAt } from "#viewer/settings.js";
import { RecentValues } from "#viewer/stats.js";
import { decodeCloud } from "#viewer/wire/message.js";
import { pointsOf } from "#viewer/wire/points.js";

function fakeConnection() {
  return {
    isOpen: true,
    bufferedAmount: 0,
    sent: [],
    send(data) {
      this.sent.push(data);
    },
    sendJson(message) {
      this.sent.push(message);
    },
  };
}

function fakeFrame() {
  return { jpeg: new ArrayBuffer(3), picture: { closed: false, close() { this.closed = true; } }, capturedAt: 5 };
}

test("a frame waits until the link is free and few are in flight", () => {
  const connection = fakeConnection();
  const sender = new FrameSender(connection);
  assert.ok(sender.isReady);
  connection.bufferedAmount = 1;
  assert.ok(!sender.isReady);
  connection.bufferedAmount = 0;
  sender.send(fakeFrame());
  assert.ok(sender.isReady);
  sender.send(fakeFrame());
  assert.ok(!sender.isReady);
  sender.answered(1);
  assert.ok(sender.isReady);
  connection.isOpen = false;
  assert.ok(!sender.isReady);
});

test("an answer gives its own frame back and ends the ones before it", () => {
  const sender = new FrameSender(fakeConnection());
  const [first, second] = [fakeFrame(), fakeFrame()];
  sender.send(first);
  sender.send(second);
  assert.equal(sender.answered(2).picture, second.picture);
  assert.ok(first.picture.closed && !second.picture.closed);
  assert.equal(sender.skipped, 1);
  assert.equal(sender.inFlight, 0);
  assert.equal(sender.answered(1), undefined);
});

test("a new connection counts from 1 again, and a refused frame is over", () => {
  const sender = new FrameSender(fakeConnection());
  sender.send(fakeFrame());
  sender.reset();
  assert.equal(sender.skipped, 1);
  sender.send(fakeFrame());
  sender.send(fakeFrame());
  sender.refused(1);
  sender.refused(undefined);
  assert.equal(sender.answered(1), undefined);
  assert.ok(sender.answered(2));
});

test("frames that are never answered do not stop the stream", (context) => {
  let now = 0;
  context.mock.method(performance, "now", () => now);
  const sender = new FrameSender(fakeConnection());
  sender.send(fakeFrame());
  sender.send(fakeFrame());
  assert.ok(!sender.isReady);
  now = 3001;
  assert.ok(sender.isReady);
  assert.equal(sender.skipped, 2);
});

test("a camera whose clouds go elsewhere follows the link and a highest rate", (context) => {
  let now = 0;
  context.mock.method(performance, "now", () => now);
  const connection = fakeConnection();
  const sender = new FrameSender(connection, { answers: false });
  const frame = fakeFrame();
  for (let i = 0; i < 5; i += 1) {
    assert.ok(sender.isReady);
    sender.send(frame);
    assert.ok(!sender.isReady);
    now += 60;
  }
  assert.ok(frame.picture.closed);
  assert.equal(connection.sent[0].type, "frame_info");
  assert.equal(connection.sent[0].capture_ts, (performance.timeOrigin + 5) / 1000);
});

test("figures are of the last five seconds", () => {
  const values = new RecentValues();
  assert.equal(values.quantile(0.5, 0), undefined);
  for (let i = 0; i <= 10; i += 1) values.add(i, 100 * i);
  assert.equal(values.quantile(0.5, 1000), 5);
  assert.equal(values.quantile(0.95, 1000), 10);
  assert.equal(values.rate(1000), 10);
  assert.equal(values.quantile(0.5, 5900), 10); // the others are too old
  assert.equal(values.rate(9000), 0);
});

test("the confidence slider covers both kinds of unit", () => {
  assert.equal(confidenceAt(0), 0);
  assert.equal(confidenceAt(75), 1);
  assert.ok(confidenceAt(76) > 1);
  assert.equal(confidenceAt(100), 20);
});

test("a camera's pose is the inverse of where it stands", () => {
  const [x, y, z, turn] = [1, 2, 3, 90];
  const m = extrinsicsOf({ x, y, z, turn });
  const toCamera = (p) =>
    [0, 1, 2].map((row) => m[4 * row] * p[0] + m[4 * row + 1] * p[1] + m[4 * row + 2] * p[2] + m[4 * row + 3]);
  const near = (actual, expected) =>
    actual.forEach((value, axis) => assert.ok(Math.abs(value - expected[axis]) < 1e-12, `${actual}`));
  near(toCamera([x, -y, z]), [0, 0, 0]);
  near(toCamera([x + 5, -y, z]), [0, 0, 5]); // turned right, it looks along x
});

test("a PLY has the library's layout", async () => {
  const file = plyFile(new Float32Array([1, 2, 3, 4, 5, 6]), new Uint8Array([7, 8, 9, 10, 11, 12]));
  const bytes = Buffer.from(await file.arrayBuffer());
  const end = bytes.indexOf("end_header\n") + "end_header\n".length;
  assert.match(bytes.toString("latin1", 0, end), /^ply\nformat binary_little_endian 1.0\n.*element vertex 2\n/s);
  assert.equal(bytes.length - end, 30);
  assert.equal(bytes.readFloatLE(end + 15 + 8), 6);
  assert.deepEqual([...bytes.subarray(end + 12, end + 15)], [7, 8, 9]);
});

const F32 = {
  type: "pointcloud",
  timestamp: "2026-01-31T12:00:00.000250+00:00",
  num_points: 2,
  points: new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6]).buffer),
  colors: new Uint8Array([1, 2, 3, 4, 5, 6]),
  num_views: 3,
  frame_id: 300,
};

test("an f32 message of any alignment", () => {
  for (const frameId of [1, 300, 70_000]) {
    const cloud = decodeCloud(encode({ ...F32, frame_id: frameId }));
    assert.deepEqual([...pointsOf(cloud).positions], [1, 2, 3, 4, 5, 6]);
    assert.deepEqual([...pointsOf(cloud).colors], [1, 2, 3, 4, 5, 6]);
    assert.deepEqual([cloud.count, cloud.numViews, cloud.frameId], [2, 3, frameId]);
    assert.equal(cloud.middle[2], 6);
  }
});

test("a cloud may be empty", () => {
  const empty = new Uint8Array(0);
  assert.equal(decodeCloud(encode({ ...F32, num_points: 0, points: empty, colors: empty })).count, 0);
});

test("a bad message is an error with a text", () => {
  const refuses = (change, text) => assert.throws(() => decodeCloud(encode({ ...F32, ...change })), text);
  refuses({ type: "camera_list" }, /not a point cloud: camera_list/);
  refuses({ encoding: "constructor" }, /unknown encoding constructor/);
  refuses({ points: new Uint8Array(3) }, /points holds 3 bytes, not 24/);
  refuses({ colors: "red" }, /colors is missing or not binary/);
  refuses({ num_points: -1 }, /num_points/);
  refuses({ num_points: 1e9 }, /points holds 24 bytes/);
  assert.throws(() => decodeCloud(new Uint8Array([0x81])));
});
