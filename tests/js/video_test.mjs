// SPDX-License-Identifier: Apache-2.0
// Video to the server, with encoders that only pretend: messages, choice of a codec, rate, and what an uplink says when.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ChunkReader, chooseCodec, packAccessUnit, VideoUplink } from "depthcloud";
import { RateControl } from "../depthcloud/src/video/rate.js";

test("an access unit has a header of 16 bytes", () => {
  const message = packAccessUnit({ data: new Uint8Array([0xaa, 0xbb]), isKey: true, time: 0x1fffff00000102 });
  const header = [0x44, 0x43, 0x56, 0x55, 1, 1, 0, 0, 0x02, 0x01, 0, 0, 0xff, 0xff, 0x1f, 0];
  assert.deepEqual([...message], [...header, 0xaa, 0xbb]);
  assert.equal(packAccessUnit({ data: new ArrayBuffer(3), isKey: false, time: 0 })[5], 0);
  for (const time of [-1, 0.5, 2 ** 53, NaN, "0"]) {
    assert.throws(() => packAccessUnit({ data: new Uint8Array(1), isKey: true, time }), /^TypeError: time must be/);
  }
});

/** An encoder that takes the codecs whose strings match, and whose output() the test calls. */
function fakeEncoder(known) {
  return class {
    static all = [];
    static asked = [];
    state = "unconfigured";
    encodeQueueSize = 0;
    configs = [];
    encoded = [];

    static async isConfigSupported(config) {
      this.asked.push(config);
      return { supported: known.test(config.codec), config };
    }
    constructor(callbacks) {
      Object.assign(this, callbacks);
      this.constructor.all.push(this);
    }
    configure(config) {
      this.state = "configured";
      this.configs.push(config);
    }
    encode({ timestamp }, { keyFrame }) {
      this.encoded.push({ timestamp, keyFrame });
    }
    close() {
      this.state = "closed";
    }
    give(type = "delta") {
      const { timestamp } = this.encoded.at(-1);
      this.output({ type, timestamp, byteLength: 4, copyTo: (bytes) => bytes.fill(7) });
    }
  };
}

class FakeFrame {
  static open = 0;
  constructor({ width, height }, { timestamp }) {
    Object.assign(this, { displayWidth: width, displayHeight: height, timestamp });
    FakeFrame.open += 1;
  }
  close() {
    FakeFrame.open -= 1;
  }
}

test("the first codec that both ends have is chosen", async () => {
  const size = { width: 640, height: 480 };
  const choose = (server, known) => chooseCodec(server, size, fakeEncoder(known));
  globalThis.VideoEncoder = undefined;
  assert.equal(await chooseCodec(["h264", "vp8"], size), undefined);
  const both = async (server, known) => {
    globalThis.VideoEncoder = fakeEncoder(known);
    return chooseCodec(server, size);
  };
  assert.equal(await both(["vp8", "h264"], /avc1|vp8/), "h264");
  assert.equal(await both(["vp8", "vp9"], /avc1|vp09/), "vp9");
  assert.equal(await both(["av1"], /avc1|vp09/), undefined);
  assert.equal(await both(["mjpeg"], /./), undefined);
  assert.equal(await choose(["h264"], /avc1\.42E01F/), "h264");
  delete globalThis.VideoEncoder;
});

test("the bitrate falls when the link falls behind, and comes back", () => {
  const rate = new RateControl();
  assert.deepEqual(rate.fit(640, 480), { width: 640, height: 480 });
  const full = rate.bitrate;
  assert.ok(full > 1_500_000 && full <= 2_500_000, `${full}`);
  let now = 0;
  const run = (seconds, buffered) => {
    for (const end = now + 1000 * seconds; now < end; now += 33) rate.update(buffered(), now);
  };
  run(3, () => 0);
  assert.equal(rate.bitrate, full);
  run(1, () => rate.bitrate / 8); // a second of it waits
  assert.ok(rate.bitrate < 0.75 * full);
  assert.ok(rate.isFull(rate.bitrate / 8) && !rate.isFull(rate.bitrate / 80));
  run(10, () => rate.bitrate / 8);
  assert.equal(rate.bitrate, 150_000);
  assert.ok(rate.scale < 1, "so few bits are for smaller pictures");
  const small = rate.fit(640, 480);
  assert.ok(small.width < 640 && small.width % 2 === 0 && small.height % 2 === 0);
  run(1.5, () => 0);
  assert.equal(rate.bitrate, 150_000); // it has to stay calm for a while
  run(60, () => 0);
  assert.equal(rate.bitrate, full);
  assert.equal(rate.scale, 1);
});

test("latency that grows is trouble, latency that was always there is not", () => {
  const rate = new RateControl();
  rate.fit(640, 480);
  const full = rate.bitrate;
  let now = 0;
  const run = (seconds, latency) => {
    for (const end = now + 1000 * seconds; now < end; now += 33) {
      rate.latency(latency, now);
      rate.update(0, now);
    }
  };
  run(5, 400);
  assert.equal(rate.bitrate, full);
  run(2, 1200);
  assert.ok(rate.bitrate < full);
  run(60, 1200); // the link is like that now
  assert.equal(rate.bitrate, full);
});

test("limits of the bitrate hold, and follow the size of the pictures", () => {
  const rate = new RateControl({ maxBitrate: 1_000_000, minBitrate: 300_000 });
  rate.fit(640, 480);
  assert.equal(rate.bitrate, 1_000_000);
  rate.fit(32, 32);
  assert.equal(rate.bitrate, 300_000);
  rate.fit(1920, 1080);
  assert.ok(rate.bitrate <= 1_000_000);
  assert.deepEqual(new RateControl().fit(101, 1), { width: 102, height: 2 });
});

let sent;
let connection;
let problems;
let units;
let uplink;

beforeEach(() => {
  globalThis.VideoEncoder = fakeEncoder(/avc1/);
  globalThis.VideoFrame = FakeFrame;
  sent = [];
  problems = [];
  units = [];
  connection = { bufferedAmount: 0, send: (bytes) => sent.push(bytes), sendJson: (message) => sent.push(message) };
  const [onSent, onProblem] = [(unit) => units.push(unit), (error) => problems.push(error.message)];
  uplink = new VideoUplink(connection, { hardware: "prefer-hardware", onSent, onProblem });
});

afterEach(() => {
  delete globalThis.VideoEncoder;
  delete globalThis.VideoFrame;
});

const SIZE = { width: 640, height: 480 };
const opened = async () => {
  await uplink.start(["h264", "vp8"], SIZE);
  uplink.receive({ type: "video_configured", codec: "avc1.42E01F" });
  return () => globalThis.VideoEncoder.all.at(-1);
};

test("an uplink asks the server, then encodes in real time", async () => {
  assert.ok(VideoUplink.isSupported);
  assert.equal(uplink.encode(SIZE, 0), undefined);
  const starting = uplink.start(["h264"], SIZE);
  assert.equal(uplink.state, "choosing");
  await starting;
  assert.deepEqual(sent, [{ type: "video_config", codec: "avc1.42E01F", ...SIZE }]);
  assert.ok(!uplink.isReady);
  uplink.receive({ type: "configured" });
  uplink.receive({ type: "error", frame_id: 3, message: "a photo" });
  assert.equal(uplink.state, "asked");
  uplink.receive({ type: "video_configured", codec: "avc1.42E01F" });
  assert.ok(uplink.isReady);
  const time = uplink.encode(SIZE, 12.5);
  assert.equal(time, Math.round((performance.timeOrigin + 12.5) * 1000));
  assert.equal(uplink.encode(SIZE, 12.5), time + 1); // no two units of one time
  const [encoder] = globalThis.VideoEncoder.all;
  assert.equal(encoder.configs.length, 1);
  const { latencyMode, avc, hardwareAcceleration, bitrate } = encoder.configs[0];
  assert.deepEqual([latencyMode, avc.format, hardwareAcceleration], ["realtime", "annexb", "prefer-hardware"]);
  assert.equal(bitrate, uplink.bitrate);
  assert.deepEqual(encoder.encoded.map(({ keyFrame }) => keyFrame), [true, false]);
  encoder.give("key");
  assert.deepEqual(units, [{ time: time + 1, isKey: true, bytes: 4 }]);
  assert.deepEqual([...sent[1]].slice(0, 6), [0x44, 0x43, 0x56, 0x55, 1, 1]);
  assert.equal(FakeFrame.open, 0);
});

test("a request, another size and a new start give key frames", async () => {
  const encoder = await opened();
  const keys = () => encoder().encoded.map(({ keyFrame }) => keyFrame);
  uplink.encode(SIZE, 0);
  uplink.encode(SIZE, 33);
  uplink.receive({ type: "keyframe_request" });
  uplink.encode(SIZE, 66);
  uplink.encode({ width: 320, height: 240 }, 100);
  uplink.encode({ width: 320, height: 240 }, 133);
  assert.deepEqual(keys(), [true, false, true, true, false]);
  assert.deepEqual(encoder().configs.map(({ width }) => width), [640, 320]);
  const old = encoder();
  await opened();
  assert.equal(old.state, "closed");
  uplink.encode(SIZE, 166);
  assert.deepEqual(keys(), [true]);
  const before = sent.length;
  old.give();
  assert.equal(sent.length, before, "what the old encoder still gives goes nowhere");
});

test("frames are left out while the encoder or the link is busy", async () => {
  const encoder = await opened();
  uplink.encode(SIZE, 0);
  encoder().encodeQueueSize = 3;
  assert.ok(!uplink.isReady);
  encoder().encodeQueueSize = 0;
  connection.bufferedAmount = 1e6;
  assert.ok(!uplink.isReady);
  connection.bufferedAmount = 0;
  assert.ok(uplink.isReady);
});

test("what fails is told once, and another start may follow", async () => {
  await uplink.start(["mpeg2"], SIZE);
  assert.equal(uplink.state, "failed");
  assert.match(problems.pop(), /encodes none of what the server decodes \(mpeg2\)/);
  await uplink.start(["h264"], SIZE);
  uplink.receive({ type: "error", message: "8 clients send video already" });
  assert.equal(problems.pop(), "8 clients send video already");
  const encoder = await opened();
  uplink.encode(SIZE, 0);
  encoder().error(new Error("the hardware is gone"));
  assert.equal(problems.pop(), "the hardware is gone");
  assert.equal(uplink.encode(SIZE, 1), undefined);
  delete globalThis.VideoEncoder;
  await uplink.start(["h264"], SIZE);
  assert.match(problems.pop(), /no WebCodecs/);
  assert.deepEqual(problems, []);
});

/** A chunk as the server makes it. */
function chunk(number, size, offset, bytes) {
  const header = new DataView(new ArrayBuffer(12 + bytes.length));
  [number, size, offset].forEach((field, at) => header.setUint32(4 * at, field, true));
  new Uint8Array(header.buffer).set(bytes, 12);
  return header.buffer;
}

test("chunks in any order make a message, and the newest wins", () => {
  const reader = new ChunkReader();
  assert.equal(reader.push(chunk(0, 3, 2, [3])), undefined);
  assert.deepEqual([...new Uint8Array(reader.push(chunk(0, 3, 0, [1, 2])))], [1, 2, 3]);
  assert.equal(reader.push(chunk(1, 2, 0, [1])), undefined);
  assert.deepEqual([...new Uint8Array(reader.push(chunk(2, 1, 0, [9])))], [9]);
  assert.equal(reader.push(chunk(1, 2, 1, [2])), undefined, "message 1 is given up");
});

test("chunks that cannot be are left out", () => {
  const reader = new ChunkReader();
  assert.equal(reader.push(new ArrayBuffer(12)), undefined);
  assert.equal(reader.push(chunk(0, 1, 1, [1])), undefined);
  assert.equal(reader.push(chunk(0, 0xffffffff, 0, [1])), undefined);
  assert.equal(reader.push(chunk(0, 2, 0, [1])), undefined);
  assert.equal(reader.push(chunk(0, 9, 1, [1])), undefined, "another size");
  assert.equal(reader.push(chunk(0, 2, 1, [2])).byteLength, 2);
});
