// SPDX-License-Identifier: Apache-2.0
// The viewer's parts that need no browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { adviceFor, filtersOf } from "#viewer/advice.js";
import { FrameSender } from "#viewer/frame-sender.js";
import { distanceText } from "#viewer/distance-text.js";
import { extrinsicsOf } from "#viewer/pose.js";
import { roundStep } from "#viewer/scene/landmarks.js";
import { RecentValues } from "#viewer/stats.js";

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

test("a distance has a unit where the depth is metric", () => {
  assert.equal(distanceText(1.23456, true), "1.235 m");
  assert.equal(distanceText(12.3456, true), "12.35 m");
  assert.equal(distanceText(1.23456, false), "1.235");
});

test("cells of the grid are round", () => {
  const steps = [[0.9, 0.5], [1, 1], [1.9, 1], [2.5, 2], [7, 5], [0.03, 0.02], [430, 200]];
  for (const [value, step] of steps) assert.ok(Math.abs(roundStep(value) / step - 1) < 1e-9, `${value}`);
});

test("where nothing is seen, the page says what to do", () => {
  const idle = { webgl: "ok", connection: "open", cameraProblem: "", hasSource: false, isLate: false, cloud: null };
  const seen = { isInView: true, isFile: false, isFiltered: false, filters: [], isRig: false };
  const advice = (change) => adviceFor({ ...idle, ...seen, ...change });
  const title = (change) => advice(change)?.title;
  const shown = { hasSource: true, cloud: { count: 5 } };
  const empty = { hasSource: true, cloud: { count: 0 } };
  assert.match(title({}), /Open the camera, or drop/);
  assert.match(title({ isRig: true }), /Waiting for cameras/);
  assert.equal(title({ hasSource: true }), undefined);
  assert.match(title({ hasSource: true, isLate: true }), /first cloud/);
  assert.equal(title(shown), undefined);
  assert.match(title({ ...shown, isInView: false }), /No point is in view/);
  assert.match(title(empty), /no points/);
  assert.match(title({ ...empty, isFiltered: true }), /confidence slider leaves no point/);
  assert.match(title({ ...empty, isFile: true }), /The file has no points/);
  const filters = filtersOf({ min_confidence: 0, min_depth: 0.5, max_depth: null, edge_threshold: 0.03, stride: 2 });
  assert.deepEqual(filters, ["min_depth 0.5", "edge_threshold 0.03"]);
  assert.deepEqual(filtersOf({ min_confidence: 2, max_depth: 5 }), ["min_confidence 2", "max_depth 5"]);
  assert.match(title({ ...empty, filters }), /Filters leave no point/);
  assert.match(advice({ ...empty, filters }).steps.join(), /min_depth 0\.5, edge_threshold 0\.03/);
  assert.match(advice({ ...empty, filters, isFiltered: true }).steps.join(), /min_depth 0\.5.*Confidence/);
  assert.equal(title({ cameraProblem: "No camera was found." }), "No camera was found.");
  for (const connection of ["waiting", "closed"]) {
    assert.match(title({ connection }), /Not connected/);
    assert.equal(title({ ...shown, connection }), undefined); // it is still there to be looked at
  }
  assert.match(title({ ...shown, webgl: "missing" }), /no WebGL 2/);
  assert.match(title({ ...shown, webgl: "lost" }), /graphics driver/);
});
