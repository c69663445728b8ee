// SPDX-License-Identifier: Apache-2.0
// The package's readers against the library's on the same messages, and what they do with broken ones:
// cases that run in Node and in a browser.

import { decode, encode } from "@msgpack/msgpack";
import { AXES, cloudOfPoints, decodeCloud, encodePly, NO_LEVEL, pointsOf } from "depthcloud";

function check(holds, text) {
  if (!holds) throw new Error(text);
}

function equal(actual, expected) {
  const texts = [actual, expected].map((value) => JSON.stringify(value, (_, it) => (ArrayBuffer.isView(it) ? [...it] : it)));
  check(texts[0] === texts[1], `${texts[0]?.slice(0, 200)} is not ${texts[1]?.slice(0, 200)}`);
}

function refuses(act, pattern) {
  try {
    act();
  } catch (error) {
    check(error instanceof Error && pattern.test(error.message), `${error.message} is not ${pattern}`);
    return;
  }
  throw new Error(`no error like ${pattern}`);
}

const F32 = {
  type: "pointcloud",
  timestamp: "2026-01-31T12:00:00.000250+00:00",
  num_points: 2,
  points: new Uint8Array(new Float32Array([1, 2, 3, 4, 5, 6]).buffer),
  colors: new Uint8Array([1, 2, 3, 4, 5, 6]),
  num_views: 3,
  frame_id: 300,
};

const NAMES = ["f32", "q16", "depth", "depth_holes", "depth_stride", "depth_pixel", "depth_empty", "depth_fine"];

/** files: the bytes of each file that wire_messages writes. [name, run] of each case. */
export function wireCases(files) {
  const messageOf = (name) => files[`${name}.msgpack`];
  return [
    ...NAMES.map((name) => [`${name} equals what the library reads`, () => equalsTheLibrary(name, files)]),

    ["points of one camera have it, and every message its time", () => {
      const camera = { width: 4, height: 3, intrinsics: [4, 4, 2, 1] };
      const { width, height, intrinsics, timestamp } = decodeCloud(encode({ ...F32, ...camera }));
      equal({ width, height, intrinsics }, camera);
      equal(timestamp, F32.timestamp);
      const merged = decodeCloud(encode(F32));
      equal([merged.width, merged.height, merged.intrinsics], [undefined, undefined, undefined]);
      check(decodeCloud(messageOf("q16")).timestamp.startsWith("20"), "the time of q16");
    }],

    ["what is no cloud, points or pixels is named", () => {
      for (const cloud of [null, undefined, {}, 5]) refuses(() => pointsOf(cloud), /^cloud must be one of/);
      for (const points of [null, undefined, 5]) refuses(() => encodePly(points), /^points must be those of pointsOf/);
      const cloud = decodeCloud(messageOf("depth_stride"));
      const pixels = (change) => () => pointsOf(cloud, { pixels: { width: 2, height: 2, data: new Uint8Array(16), ...change } });
      refuses(pixels({ data: new Uint8Array(15) }), /^data of pixels holds 15 bytes, and 2 x 2 RGBA are 16/);
      refuses(pixels({ data: [1, 2] }), /^data of pixels must be a Uint8Array/);
      refuses(pixels({ width: 0 }), /^width of pixels is 0/);
      const jpeg = decodeCloud(messageOf("depth_jpeg"));
      refuses(() => pointsOf(jpeg, { pixels: { width: 1, height: 1, data: new Uint8Array(4) } }), /^pixels are 1 x 1, and the JPEG/);
    }],

    ["the colours of a grid are a JPEG of its size, or pixels of the client's frame", () => {
      const cloud = decodeCloud(messageOf("depth_jpeg"));
      equal(cloud.jpeg.subarray(0, 2), [0xff, 0xd8]);
      const client = decodeCloud(messageOf("depth_stride"));
      const frame = { width: 202, height: 134, data: new Uint8Array(4 * 202 * 134) }; // twice the grid's size
      frame.data.forEach((_, i) => (frame.data[i] = i % 4 === 0 ? (i >> 2) % 202 : Math.floor((i >> 2) / 202)));
      const { colors } = pointsOf(client, { pixels: frame });
      let at = 0;
      client.levels.forEach((level, i) => {
        if (level === NO_LEVEL) return;
        const [u, v] = [3 * (i % client.columns), 3 * Math.floor(i / client.columns)];
        check(colors[at] === 2 * u + 1 && colors[at + 1] === 2 * v + 1, `the colour of ${u} ${v}`);
        at += 3;
      });
    }],

    ["a grid says what its camera saw", () => {
      const { frustum, low, high } = decodeCloud(messageOf("depth"));
      const near = (actual, expected) => check(Math.abs(actual - expected) < 1e-9, `${actual}, not ${expected}`);
      const [fx, fy, cx, cy] = [0.9 * 101, 0.8 * 101, 0.5 * 101, 0.4 * 67];
      near(frustum.left, (-0.5 - cx) / fx);
      near(frustum.right, (100.5 - cx) / fx);
      near(frustum.top, (cy + 0.5) / fy);
      near(frustum.bottom, (cy - 66.5) / fy);
      check(low[2] > 1.6 && low[2] < 2 && high[2] > 9 && high[2] < 9.4, `depth from ${low[2]} to ${high[2]}`);
    }],

    ["an f32 message of any alignment", () => {
      for (const frameId of [1, 300, 70_000]) {
        const cloud = decodeCloud(encode({ ...F32, frame_id: frameId }));
        equal(pointsOf(cloud, { axes: "v1" }).positions, [1, 2, 3, 4, 5, 6]);
        equal(pointsOf(cloud).colors, [1, 2, 3, 4, 5, 6]);
        equal([cloud.count, cloud.numViews, cloud.frameId, cloud.isMetric], [2, 3, frameId, false]);
        equal(cloud.middle[2], 6);
      }
      equal(decodeCloud(encode({ ...F32, is_metric: true })).isMetric, true);
      equal(decodeCloud(encode(F32)).frustum, undefined);
      const camera = { width: 4, height: 2, intrinsics: [2, 1, 1.5, 0.5] };
      equal(decodeCloud(encode({ ...F32, ...camera })).frustum, { left: -1, right: 1, top: 1, bottom: -1 });
      refuses(() => decodeCloud(encode({ ...F32, ...camera, intrinsics: [0, 1, 1, 1] })), /^focal lengths 0 and 1/);
    }],

    ["an ArrayBuffer and a part of one are read alike", () => {
      const bytes = encode(F32);
      const larger = new Uint8Array(bytes.length + 7);
      larger.set(bytes, 3);
      equal(decodeCloud(larger.subarray(3, 3 + bytes.length)), decodeCloud(bytes.slice().buffer));
    }],

    ["memory whose slice() is no copy, as of Node's Buffer, is read and left alone", () => {
      class Pooled extends Uint8Array {
        slice(...range) {
          return this.subarray(...range);
        }
      }
      for (const name of ["f32", "q16", "depth_jpeg"]) {
        const bytes = messageOf(name);
        for (let offset = 0; offset < 4; offset += 1) {
          const pool = new Pooled(bytes.length + 64);
          pool.set(bytes, offset);
          const cloud = decodeCloud(pool.subarray(offset, offset + bytes.length));
          pool.fill(0);
          equal(cloud, decodeCloud(bytes));
          if (cloud.jpeg) check(cloud.jpeg.buffer !== pool.buffer, "the JPEG lies in the pool");
        }
      }
    }],

    ["a cloud may be empty", () => {
      const empty = new Uint8Array(0);
      equal(decodeCloud(encode({ ...F32, num_points: 0, points: empty, colors: empty })).count, 0);
    }],

    ["points are in the axes that one asks for, opengl by default", () => {
      const cloud = decodeCloud(encode(F32));
      equal(AXES, ["opengl", "opencv", "v1", "ros"]);
      equal(pointsOf(cloud).positions, [1, 2, -3, 4, 5, -6]);
      equal(pointsOf(cloud).axes, "opengl");
      equal(pointsOf(cloud, { axes: "opencv" }).positions, [1, -2, 3, 4, -5, 6]);
      equal(pointsOf(cloud, { axes: "ros" }).positions, [3, -1, 2, 6, -4, 5]);
      refuses(() => pointsOf(cloud, { axes: "ros9" }), /^axes must be one of opengl, opencv, v1, ros, not ros9$/);
      for (const axes of AXES) equal(cloudOfPoints(pointsOf(cloud, { axes })).positions, cloud.positions);
      equal(cloud.positions, [1, 2, 3, 4, 5, 6]); // its own stay as they are
    }],

    ["a PLY has the library's layout and says its axes", () => {
      const bytes = encodePly(pointsOf(decodeCloud(encode(F32))));
      const text = String.fromCharCode(...bytes);
      const end = text.indexOf("end_header\n") + "end_header\n".length;
      check(/^ply\nformat binary_little_endian 1.0\ncomment axes opengl\nelement vertex 2\n/.test(text), text);
      equal(bytes.length - end, 30);
      const view = new DataView(bytes.buffer, end);
      equal([0, 4, 8].map((at) => view.getFloat32(15 + at, true)), [4, 5, -6]);
      equal(bytes.slice(end + 12, end + 15), [1, 2, 3]);
    }],

    ["arrays that are no points are refused by name", () => {
      const points = { positions: new Float32Array(6), colors: new Uint8Array(6), axes: "opengl" };
      for (const act of [encodePly, cloudOfPoints]) {
        for (const positions of [[1, 2, 3, 4, 5, 6], new Float64Array(6), new Float32Array(5), undefined]) {
          refuses(() => act({ ...points, positions }), /^positions must be a Float32Array/);
        }
        for (const colors of [new Uint8Array(8), new Float32Array(6), "red", null]) {
          refuses(() => act({ ...points, colors }), /^colors must be a Uint8Array of 6 bytes/);
        }
        refuses(() => act({ ...points, axes: undefined }), /^axes must be one of/);
      }
    }],

    ["a bad message is an error with a text", () => {
      const bad = (change, text) => refuses(() => decodeCloud(encode({ ...F32, ...change })), text);
      bad({ type: "camera_list" }, /not a point cloud: camera_list/);
      bad({ encoding: "constructor" }, /unknown encoding constructor/);
      bad({ points: new Uint8Array(3) }, /points holds 3 bytes, not 24/);
      bad({ colors: "red" }, /colors is missing or not binary/);
      bad({ num_points: -1 }, /num_points/);
      bad({ num_points: 1e9 }, /points holds 24 bytes/);
      refuses(() => decodeCloud(new Uint8Array([0x81])), /^not a msgpack message/);
      refuses(() => decodeCloud(new Uint8Array([0xc0])), /^not a point cloud/);
      for (const packet of [undefined, "text", [1, 2], new Float32Array(3)]) {
        refuses(() => decodeCloud(packet), /^packet must be an ArrayBuffer or a Uint8Array$/);
      }
    }],

    ["a header that promises much is refused before anything is allocated", () => {
      // {"a": [...]} of 2^25 elements, a map of as many, a text of 2^31 bytes; and ten thousand arrays in each other.
      for (const header of [[0xdd, 2, 0, 0, 0], [0xdf, 2, 0, 0, 0], [0xdb, 0x80, 0, 0, 0], [0xdc, 1, 0]]) {
        refuses(() => decodeCloud(new Uint8Array([0x81, 0xa1, 0x61, ...header])), /^not a msgpack message: Max length/);
      }
    }],

    ["a broken depth message is an error with a text", () => {
      const good = decode(messageOf("depth_holes"));
      const bad = (change, text) => refuses(() => decodeCloud(encode({ ...good, ...change })), text);
      bad({ width: 0 }, /^width is 0/);
      bad({ width: 1 << 24, height: 1 << 24 }, /^the grid's size/);
      bad({ width: good.width + 5 }, /^codes is no zstd frame/);
      bad({ stride: 1.5 }, /^stride is 1.5/);
      bad({ near: 0 }, /must be above 0/);
      bad({ intrinsics: [1, 1, 1] }, /^intrinsics must be 4 finite numbers/);
      bad({ num_points: good.num_points + 1 }, /points in a grid of/);
      bad({ mask: undefined }, /^mask is missing|points in a grid of/);
      bad({ codes: good.codes.slice(0, 20) }, /^codes does not decompress/);
      bad({ codes: new Uint8Array(3) }, /^codes is no zstd frame/);
      bad({ escapes: good.mask }, /^escapes/);
      bad({ codes: "codes" }, /^codes is missing or not binary/);
      const q16 = decode(messageOf("q16"));
      refuses(() => decodeCloud(encode({ ...q16, scale: "1" })), /scale must be/);
      refuses(() => decodeCloud(encode({ ...q16, origin: [0, 0] })), /origin must be/);
    }],

    ["any byte may be wrong", () => {
      for (const name of ["q16", "depth_holes"]) {
        const message = messageOf(name);
        for (let at = 0; at < message.length; at += 1 + Math.floor(message.length / 400)) {
          const broken = message.slice();
          broken[at] ^= 1 << at % 8;
          try {
            decodeCloud(broken);
          } catch (error) {
            check(error instanceof Error && error.message, String(error));
          }
        }
      }
    }],
  ];
}

function equalsTheLibrary(name, files) {
  const cloud = decodeCloud(files[`${name}.msgpack`]);
  const bytes = files[`${name}.points`];
  const count = bytes.length / 15;
  const expected = new Float32Array(bytes.slice(0, 12 * count).buffer);
  const { positions, colors } = pointsOf(cloud, { axes: "v1" });
  equal([cloud.encoding, cloud.count, cloud.frameId, cloud.captureTs], [name.split("_")[0], count, 7, 2.5]);
  equal(colors, bytes.slice(12 * count));
  const worst = positions.reduce((max, value, i) => Math.max(max, Math.abs(value - expected[i])), 0);
  check(positions.length === expected.length && worst <= 1e-5, `off by ${worst}`);
  if (cloud.count > 1) check(cloud.middle[2] > 1.5 && cloud.middle[2] < 9.5, `middle ${cloud.middle}`);
}
