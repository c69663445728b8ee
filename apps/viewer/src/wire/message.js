// SPDX-License-Identifier: Apache-2.0
// A msgpack message of docs/wire-format.md becomes a cloud, or an error with a clear text.

import { decode } from "@msgpack/msgpack";
import { requireCount } from "./checks.js";
import { decodeDepth, depthReady } from "./depth.js";
import { decodeF32 } from "./f32.js";
import { decodeQ16 } from "./q16.js";

const DECODERS = { f32: decodeF32, q16: decodeQ16, depth: decodeDepth };

/** To be awaited once before decodeCloud. */
export const decoderReady = depthReady;

/** packet: ArrayBuffer or Uint8Array. Memory of the result is its own. */
export function decodeCloud(packet) {
  const message = decode(packet);
  if (message?.type !== "pointcloud") throw new Error(`not a point cloud: ${message?.type}`);
  const encoding = message.encoding ?? "f32";
  const decoder = Object.hasOwn(DECODERS, encoding) && DECODERS[encoding];
  if (!decoder) throw new Error(`unknown encoding ${encoding}`);
  requireCount("num_points", message.num_points);
  return {
    ...decoder(message),
    encoding,
    count: message.num_points,
    frameId: message.frame_id,
    captureTs: message.capture_ts,
    stageMs: message.stage_ms,
    numViews: message.num_views,
  };
}
