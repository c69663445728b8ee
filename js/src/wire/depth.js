// SPDX-License-Identifier: Apache-2.0
// Encoding "depth": the camera's depth grid. Levels leave here as they are; the vertex shader makes
// points of them.

import { ZSTDDecoder } from "zstddec";
import { requireBytes, requireCount, requireNumbers } from "./checks.js";
import { summaryOf } from "./summary.js";
import { depthOf, NO_LEVEL, positionOf } from "./unproject.js";

const MOST_PIXELS = 16_000_000;
const ESCAPE = 3; // a code of two bits that says: look in the escapes
const WIDE = 255; // an escape that says: look in the two-byte ones

const zstd = new ZSTDDecoder();

let isReady = false;

/** zstd is WebAssembly, which has to be compiled once. */
export async function depthReady() {
  await zstd.init();
  isReady = true;
}

/** How many of the four codes in a byte are escapes. */
const ESCAPES_IN = Uint8Array.from({ length: 256 }, (_, byte) =>
  [0, 2, 4, 6].filter((shift) => ((byte >> shift) & 3) === ESCAPE).length,
);

export function decodeDepth(message) {
  if (!isReady) throw new Error('a message of encoding "depth" can be read after "await decoderReady()"');
  const { width, height, stride, intrinsics, near, step, num_points: count } = message;
  for (const [name, value] of Object.entries({ width, height, stride })) requireCount(name, value, 1, 1 << 24);
  requireNumbers("intrinsics", intrinsics, 4);
  requireNumbers("near and step", [near, step], 2);
  if (!(intrinsics[0] > 0 && intrinsics[1] > 0 && near > 0 && step > 0)) {
    throw new Error("focal lengths, near and step must be above 0");
  }
  const columns = Math.floor((width - 1) / stride) + 1;
  const rows = Math.floor((height - 1) / stride) + 1;
  requireCount("the grid's size", columns * rows, 1, MOST_PIXELS);

  const levels = levelsOf(message, columns, rows);
  const points = message.mask === undefined ? levels.length : applyMask(message.mask, levels);
  if (points !== count) throw new Error(`${count} points in a grid of ${points}`);

  const grid = { kind: "grid", columns, rows, width, height, stride, intrinsics, near, step, levels };
  return {
    ...grid,
    jpeg: message.colors?.slice(), // or nothing: the colours are the client's own
    spacing: stride / intrinsics[0],
    ...summaryOf(levels.length, (i) => {
      return levels[i] === NO_LEVEL ? null : positionOf(grid, i, depthOf(grid, levels[i]));
    }),
  };
}

/** A level is the one above it plus the sum of the row's residuals so far, modulo 2^16. */
function levelsOf(message, columns, rows) {
  const levels = new Uint16Array(columns * rows);
  const codes = decompress("codes", message.codes, Math.ceil(levels.length / 4));
  let count = 0;
  for (const byte of codes) count += ESCAPES_IN[byte];
  const escapes = decompress("escapes", message.escapes, count, 3 * count);
  let wideCount = 0;
  for (let i = 0; i < count; i += 1) if (escapes[i] === WIDE) wideCount += 1;
  requireBytes("escapes", escapes, count + 2 * wideCount);

  let narrow = 0;
  let wide = count;
  for (let row = 0, i = 0; row < rows; row += 1) {
    for (let column = 0, sum = 0; column < columns; column += 1, i += 1) {
      let value = (codes[i >> 2] >> ((i & 3) << 1)) & 3;
      if (value === ESCAPE) {
        value = escapes[narrow++] + ESCAPE;
        if (value === WIDE + ESCAPE) {
          value = escapes[wide] | (escapes[wide + 1] << 8);
          wide += 2;
        }
      }
      sum += (value >> 1) ^ -(value & 1); // 0, 1, 2, 3, 4: 0, -1, 1, -2, 2
      levels[i] = row > 0 ? levels[i - columns] + sum : sum;
    }
  }
  return levels;
}

/** Takes the level away where the mask's bit is 0, and counts the points that stay. */
function applyMask(compressed, levels) {
  const mask = decompress("mask", compressed, Math.ceil(levels.length / 8));
  let points = 0;
  for (let i = 0; i < levels.length; i += 1) {
    if ((mask[i >> 3] >> (7 - (i & 7))) & 1) points += 1;
    else levels[i] = NO_LEVEL;
  }
  return points;
}

/** The contents of a zstd frame that tells its size; nothing is allocated for one that lies. */
function decompress(name, frame, least, most = least) {
  if (!(frame instanceof Uint8Array)) throw new Error(`${name} is missing or not binary`);
  const size = contentSize(frame);
  if (!(size >= least && size <= most)) throw new Error(`${name} is no zstd frame of ${least} to ${most} bytes`);
  if (size === 0) return new Uint8Array(0);
  const bytes = zstd.decode(frame, size);
  if (bytes.length !== size) throw new Error(`${name} does not decompress`);
  return bytes;
}

/** Of RFC 8878, section 3.1.1.1; undefined where the frame does not tell. */
function contentSize(frame) {
  if (frame.length < 6) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const descriptor = frame[4];
  const singleSegment = (descriptor >> 5) & 1;
  const at = 5 + (singleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3];
  const bytes = [singleSegment, 2, 4, 8][descriptor >> 6];
  if (view.getUint32(0, true) !== 0xfd2fb528 || bytes === 0 || at + bytes > frame.length) return undefined;
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  return bytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}
