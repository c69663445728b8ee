// SPDX-License-Identifier: Apache-2.0
// Files with a cloud, as the page reads them: what the library writes, common variants, and broken ones.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pointsOf } from "depthcloud";
import { readPoints } from "#viewer/cloud-file.js";
import { wireMessages } from "../js-tests/messages.mjs";

const bufferOf = (bytes) => new Uint8Array(bytes).buffer;
const fileOf = (header, ...body) => {
  const text = new TextEncoder().encode(header);
  return bufferOf([...text, ...body.flatMap((part) => [...new Uint8Array(part.buffer ?? part)])]);
};

/** x y z of two points in axes opengl. */
const TWO = [1, 2, -3, 4, 5, -6];
const COLORS = [10, 20, 30, 250, 128, 0];

function holds(name, file, { positions = TWO, colors = COLORS } = {}) {
  const points = pointsOf(readPoints(name, file));
  assert.deepEqual([...points.positions], positions);
  assert.deepEqual([...points.colors], colors);
}

const refuses = (name, file, text) => assert.throws(() => readPoints(name, file), { message: text });

test("what the library writes is read as it reads it", () => {
  const files = wireMessages();
  const points = files["f32.points"];
  const count = points.length / 15;
  for (const name of ["f32.ply", "f32.pcd"]) {
    const cloud = readPoints(name, bufferOf(files[name]));
    const { positions, colors } = pointsOf(cloud, { axes: "v1" });
    assert.equal(cloud.count, count);
    assert.deepEqual(positions, new Float32Array(points.slice(0, 12 * count).buffer), name);
    assert.deepEqual(colors, points.slice(12 * count), name);
  }
});

const plyHeader = (format, count, type = "float", comment = "") =>
  `ply\nformat ${format} 1.0\n${comment}element vertex ${count}\n${["x", "y", "z"].map((axis) => `property ${type} ${axis}\n`).join("")}`;
const COLORED = ["red", "green", "blue"].map((name) => `property uchar ${name}\n`).join("");
const ascii = (rows, comment = "") => `${plyHeader("ascii", 2, "float", comment)}${COLORED}end_header\n${rows}`;

test("PLY variants", () => {
  holds("a.ply", fileOf(ascii("1 2 -3 10 20 30\n4 5 -6 250 128 0\n")));
  holds("A.PLY", fileOf(ascii("1 2 -3 10 20 30\n4 5 -6 250 128 0\n").replaceAll("\n", "\r\n")));
  const gray = { colors: Array(6).fill(200) };
  holds("a.ply", fileOf(`${plyHeader("binary_little_endian", 2)}end_header\n`, new Float32Array(TWO)), gray);
  holds(
    "a.ply",
    fileOf(`${plyHeader("binary_little_endian", 2, "double")}end_header\n`, new Float64Array(TWO)),
    gray,
  );
  const bigEndian = new DataView(new ArrayBuffer(24));
  TWO.forEach((value, i) => bigEndian.setFloat32(4 * i, value));
  holds("a.ply", fileOf(`${plyHeader("binary_big_endian", 2)}end_header\n`, bigEndian), gray);
  const opencv = fileOf(
    `${plyHeader("binary_little_endian", 2, "float", "comment axes opencv\n")}end_header\n`,
    new Float32Array([1, -2, 3, 4, -5, 6]),
  );
  holds("a.ply", opencv, gray);
  // x forward, y left, z up
  const ros = fileOf(ascii("3 -1 2 10 20 30\n6 -4 5 250 128 0\n", "comment axes ros\n"));
  holds("a.ply", ros);
  const mesh = `${plyHeader("ascii", 3)}element face 1\nproperty list uchar int vertex_indices\nend_header\n`;
  assert.equal(readPoints("mesh.ply", fileOf(`${mesh}0 0 -1\n1 0 -1\n0 1 -1\n3 0 1 2\n`)).count, 3);
});

test("PLY files that are no such thing", () => {
  refuses("a.ply", fileOf("solid cube"), "no PLY file");
  refuses("a.ply", fileOf("ply\nformat ascii 1.0\nend_header\n"), "a PLY file without vertices");
  refuses("a.ply", fileOf(ascii("1 2 -3 10 20 30\n")), /^holds 1 of the 2 points/);
  refuses(
    "a.ply",
    fileOf(`${plyHeader("binary_little_endian", 2)}end_header\n`, new Float32Array(5)),
    /^the file ends before/,
  );
  refuses("a.ply", fileOf(`${plyHeader("ascii", 4e9)}end_header\n`), /^4000000000 points, more than/);
  refuses(
    "a.ply",
    fileOf(`${plyHeader("ascii", 1)}element hole 4000000000\nend_header\n1 2 3\n`),
    /^the file ends before its last element/,
  );
  refuses(
    "a.ply",
    fileOf("ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1\n"),
    "the vertices have no y",
  );
  refuses("a.ply", fileOf(`${plyHeader("ascii", 1)}end_header\nnan nan nan\n`), "the file has no points; whatever wrote it had left none");
});

const pcdHeader = (kind, { fields = "x y z rgb", type = "F F F F", count = 2, comment = "" } = {}) =>
  `# .PCD v0.7\n${comment}VERSION 0.7\nFIELDS ${fields}\nSIZE ${fields.replace(/\w+/g, "4")}\nTYPE ${type}\n` +
  `COUNT ${fields.replace(/\w+/g, "1")}\nWIDTH ${count}\nHEIGHT 1\nPOINTS ${count}\nDATA ${kind}\n`;
const record = (i) => [
  new Float32Array(TWO.slice(3 * i, 3 * i + 3)),
  new Uint8Array([COLORS[3 * i + 2], COLORS[3 * i + 1], COLORS[3 * i], 0]),
];

test("PCD variants", () => {
  holds("a.pcd", fileOf(pcdHeader("binary"), ...record(0), ...record(1)));
  const packed = [0, 1].map((i) => (COLORS[3 * i] << 16) | (COLORS[3 * i + 1] << 8) | COLORS[3 * i + 2]);
  holds("a.pcd", fileOf(`${pcdHeader("ascii", { type: "F F F U" })}1 2 -3 ${packed[0]}\n4 5 -6 ${packed[1]}\n`));
  const organised = `${pcdHeader("ascii", { fields: "x y z", type: "F F F", count: 3 })}1 2 -3\nnan nan nan\n4 5 -6\n`;
  holds("a.pcd", fileOf(organised), { colors: Array(6).fill(200) });
  for (const kind of ["rgba", "rgb"]) {
    holds("a.pcd", fileOf(pcdHeader("binary", { fields: `x y z ${kind}`, type: "F F F U" }), ...record(0), ...record(1)));
  }
  const comment = "# axes opencv\n";
  const opencv = `${pcdHeader("ascii", { fields: "x y z", type: "F F F", comment })}1 -2 3\n4 -5 6\n`;
  holds("a.pcd", fileOf(opencv), { colors: Array(6).fill(200) });
  // LZF: one run of 32 literal bytes, all x first, then all y, ...
  const columns = new Uint8Array(new Float32Array([1, 4, 2, 5, -3, -6]).buffer);
  const literal = new Uint8Array([31, ...columns, ...record(0)[1], ...record(1)[1]]);
  holds("a.pcd", fileOf(pcdHeader("binary_compressed"), new Uint32Array([literal.length, 32]), literal));
});

test("PCD files that are no such thing", () => {
  refuses("a.pcd", fileOf("hello"), "no PCD file");
  refuses("a.pcd", fileOf(pcdHeader("binary"), ...record(0)), "the file ends before its last point");
  refuses("a.pcd", fileOf(pcdHeader("binary", { count: 4e9 })), /^4000000000 points, more than/);
  refuses("a.pcd", fileOf(pcdHeader("binary", { count: -1 })), /^the header does not say how many/);
  refuses("a.pcd", fileOf(pcdHeader("zipped")), "PCD data of kind zipped");
  refuses("a.pcd", fileOf(pcdHeader("ascii", { fields: "x y", type: "F F" })), "the points have no z");
  refuses("a.pcd", fileOf(`${pcdHeader("ascii")}1 2 3 4\n`), /^holds 1 of the 2 points/);
  const lie = (compressed, size) =>
    fileOf(pcdHeader("binary_compressed", { count: 1e7 }), new Uint32Array([compressed, size]), new Uint8Array(9));
  refuses("a.pcd", lie(100, 16e7), "the file ends before its last point");
  refuses("a.pcd", lie(9, 5), /^the compressed points have another size/);
  refuses("a.pcd", lie(9, 16e7), "the compressed points are cut off"); // nothing of 160 MB is allocated
  const far = fileOf(pcdHeader("binary_compressed"), new Uint32Array([2, 32]), new Uint8Array([32, 200]));
  refuses("a.pcd", far, /^the data do not fit the header/);
});
