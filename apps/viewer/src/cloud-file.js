// SPDX-License-Identifier: Apache-2.0
// PLY and PCD files become clouds by the loaders of three.js, which believe what a header says; so what
// would cost time or memory is checked before, and that the points are there after.

import { AXES, cloudOfPoints } from "depthcloud";
import { ColorManagement, setConsoleFunction } from "three";
import { PCDLoader } from "three/addons/loaders/PCDLoader.js";
import { PLYLoader } from "three/addons/loaders/PLYLoader.js";

const LONGEST_HEADER = 64 << 10;
const MOST_POINTS = 16_000_000;
const GRAY = 200; // of points without a colour
const LARGEST_LZF_RATIO = 128; // a reference of 3 bytes stands for at most 264

ColorManagement.enabled = false; // colours stay as the file has them
setConsoleFunction(() => {}); // what is wrong with a file is an error of readPoints()

/** name: decides the format. Axes are `opengl` unless a comment of the file says otherwise. */
export function readPoints(name, bytes) {
  const start = performance.now();
  const format = name.toLowerCase().endsWith(".ply") ? readPly : readPcd;
  const { geometry, count, axes } = format(bytes);
  const position = geometry.getAttribute("position");
  if ((position?.count ?? 0) !== count) {
    throw new Error(`holds ${position?.count ?? 0} of the ${count} points that its header promises`);
  }
  const points = finitePoints(position?.array ?? [], bytesOf(geometry.getAttribute("color")));
  if (points.positions.length === 0) throw new Error("the file has no points; whatever wrote it had left none");
  return { ...cloudOfPoints({ ...points, axes }), decodeMs: performance.now() - start, bytes: bytes.byteLength };
}

function readPly(bytes) {
  const header = headerOf(bytes, /^ply\r?\n[^]*?end_header\r?\n/, "no PLY file");
  const elements = [...header.matchAll(/^element\s+(\S+)\s+(\d+)/gm)].map(([, name, count]) => [
    name,
    Number(count),
  ]);
  const count = elements.find(([name]) => name === "vertex")?.[1];
  if (count === undefined) throw new Error("a PLY file without vertices");
  requireFit(count);
  // Each element takes a byte at least.
  if (elements.some(([, some]) => some > bytes.byteLength))
    throw new Error("the file ends before its last element");
  for (const axis of ["x", "y", "z"]) {
    if (!new RegExp(`^property\\s+\\w+\\s+${axis}\\s*$`, "m").test(header)) {
      throw new Error(`the vertices have no ${axis}`);
    }
  }
  const geometry = parsed(() => new PLYLoader().parse(bytes));
  return { geometry, count, axes: axesOf(header, "comment") };
}

function readPcd(bytes) {
  const header = headerOf(
    bytes,
    /^(?:#.*\r?\n)*(?:VERSION|FIELDS)[^]*?\nDATA[ \t]+\S+[ \t]*\r?\n/i,
    "no PCD file",
  );
  const words = (key) => new RegExp(`^${key}[ \\t]+(.*)`, "im").exec(header)?.[1].trim().split(/\s+/) ?? [];
  const fields = words("FIELDS");
  for (const axis of ["x", "y", "z"]) if (!fields.includes(axis)) throw new Error(`the points have no ${axis}`);
  const [width, height, points] = ["WIDTH", "HEIGHT", "POINTS"].map((key) => Number(words(key)[0] ?? NaN));
  const count = Number.isNaN(points) ? width * height : points;
  requireFit(count);
  requireBody(words("DATA")[0].toLowerCase(), words, count, new DataView(bytes, header.length));
  const { geometry } = parsed(() => new PCDLoader().parse(withFieldRgb(bytes, header)));
  return { geometry, count, axes: axesOf(header, "#") };
}

/** The loader knows a packed colour as `rgb` only; PCL also writes `rgba`. */
function withFieldRgb(bytes, header) {
  const renamed = header.replace(/^(FIELDS[ \t](?:.*[ \t])?)rgba(?=\s)/im, "$1rgb");
  if (renamed === header) return bytes;
  const body = new Uint8Array(bytes, header.length);
  const result = new Uint8Array(renamed.length + body.length);
  result.set(new TextEncoder().encode(renamed));
  result.set(body, renamed.length);
  return result.buffer;
}

/** That a binary body is as long as the header says, when decompressed too. */
function requireBody(kind, words, count, body) {
  if (kind === "ascii") return;
  const sizes = words("SIZE").map(Number);
  const counts = words("COUNT").length ? words("COUNT").map(Number) : sizes.map(() => 1);
  const size = count * sizes.reduce((sum, bytes, i) => sum + bytes * counts[i], 0);
  const end = new Error("the file ends before its last point");
  if (kind === "binary") {
    if (!(size <= body.byteLength)) throw end;
  } else if (kind === "binary_compressed") {
    if (body.byteLength < 8 || body.getUint32(0, true) > body.byteLength - 8) throw end;
    if (body.getUint32(4, true) !== size)
      throw new Error("the compressed points have another size than the header says");
    if (size > LARGEST_LZF_RATIO * body.getUint32(0, true)) throw new Error("the compressed points are cut off");
  } else {
    throw new Error(`PCD data of kind ${kind}`);
  }
}

function headerOf(bytes, pattern, otherwise) {
  const begin = new Uint8Array(bytes, 0, Math.min(bytes.byteLength, LONGEST_HEADER));
  const found = pattern.exec(new TextDecoder("latin1").decode(begin));
  if (!found) throw new Error(otherwise);
  return found[0];
}

function requireFit(count) {
  if (!(Number.isSafeInteger(count) && count >= 0))
    throw new Error("the header does not say how many points there are");
  if (count > MOST_POINTS) throw new Error(`${count} points, more than the ${MOST_POINTS} that this page draws`);
}

function parsed(parse) {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) throw new Error("the file ends before its last point");
    throw new Error(`the data do not fit the header (${error.message})`);
  }
}

function axesOf(header, comment) {
  const name = new RegExp(`^${comment}\\s+axes\\s+(\\S+)\\s*$`, "m").exec(header)?.[1];
  return AXES.includes(name) ? name : "opengl";
}

/** Colours as bytes; an attribute reads integers as shares of their range. */
function bytesOf(color) {
  if (!color) return null;
  const bytes = new Uint8ClampedArray(3 * color.count);
  for (let i = 0; i < color.count; i += 1) {
    bytes.set([255 * color.getX(i), 255 * color.getY(i), 255 * color.getZ(i)], 3 * i);
  }
  return bytes;
}

/** Organised PCD files mark pixels without a point by NaN. */
function finitePoints(positions, colors) {
  const kept = {
    positions: new Float32Array(positions.length),
    colors: new Uint8Array(positions.length).fill(GRAY),
  };
  let at = 0;
  for (let i = 0; i + 2 < positions.length; i += 3) {
    const point = [positions[i], positions[i + 1], positions[i + 2]];
    if (!point.every(Number.isFinite)) continue;
    kept.positions.set(point, at);
    if (colors) kept.colors.set(colors.subarray(i, i + 3), at);
    at += 3;
  }
  return { positions: kept.positions.slice(0, at), colors: kept.colors.slice(0, at) };
}
