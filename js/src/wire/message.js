// SPDX-License-Identifier: Apache-2.0
// A msgpack message of docs/wire-format.md becomes a cloud, or an error with a clear text.

import { decode } from "@msgpack/msgpack";
import { frustumOf } from "./camera.js";
import { requireCount } from "./checks.js";
import { decodeDepth, depthReady } from "./depth.js";
import { decodeF32 } from "./f32.js";
import { decodeQ16 } from "./q16.js";

/** As the library's UnpackLimits: a header that lies costs nothing, whatever it promises. */
const MOST_BYTES = 256 << 20;
const LIMITS = { maxMapLength: 64, maxArrayLength: 64, maxStrLength: 4096 };

const DECODERS = { f32: decodeF32, q16: decodeQ16, depth: decodeDepth };

/** To be awaited once before decodeCloud. */
export const decoderReady = depthReady;

/** packet: ArrayBuffer or Uint8Array. Memory of the result is its own. */
export function decodeCloud(packet) {
  if (!(packet instanceof ArrayBuffer) && !(packet instanceof Uint8Array)) {
    throw new TypeError("packet must be an ArrayBuffer or a Uint8Array");
  }
  if (packet.byteLength > MOST_BYTES) {
    throw new Error(`a message of ${packet.byteLength} bytes, more than ${MOST_BYTES}`);
  }
  const message = mapOf(bytesOf(packet));
  if (message?.type !== "pointcloud") throw new Error(`not a point cloud: ${message?.type}`);
  const encoding = message.encoding ?? "f32";
  const decoder = Object.hasOwn(DECODERS, encoding) && DECODERS[encoding];
  if (!decoder) throw new Error(`unknown encoding ${encoding}`);
  requireCount("num_points", message.num_points);
  const cloud = decoder(message);
  const frustum = frustumOf(message);
  const { width, height, intrinsics } = message;
  return {
    ...(frustum && { width, height, intrinsics }),
    ...cloud,
    frustum,
    encoding,
    timestamp: typeof message.timestamp === "string" ? message.timestamp : undefined,
    count: message.num_points,
    frameId: message.frame_id,
    captureTs: message.capture_ts,
    stageMs: message.stage_ms,
    numViews: message.num_views,
    isMetric: message.is_metric === true,
  };
}

/** The same memory as a plain Uint8Array: a slice() of Node's Buffer would be no copy. */
function bytesOf(packet) {
  if (packet instanceof ArrayBuffer) return new Uint8Array(packet);
  return new Uint8Array(packet.buffer, packet.byteOffset, packet.byteLength);
}

function mapOf(bytes) {
  try {
    return decode(bytes, LIMITS);
  } catch (error) {
    throw new Error(`not a msgpack message: ${error.message}`);
  }
}
