// SPDX-License-Identifier: Apache-2.0
// The types: a consumer compiles, its mistakes do not, and they declare what the package exports.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as depthcloud from "depthcloud";
import ts from "typescript";

const folder = join(process.argv[1], "..");
const options = {
  noEmit: true,
  strict: true,
  preserveSymlinks: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
};
const consumer = join(folder, "consumer.mts");
const program = ts.createProgram([consumer], options);

test("a consumer compiles, and each line marked as a mistake is one", () => {
  const problems = ts.getPreEmitDiagnostics(program);
  assert.deepEqual(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")), []);
  assert.ok(readFileSync(consumer, "utf8").split("@ts-expect-error").length > 5);
});

test("a program of Node compiles without the types of browsers", () => {
  const node = ts.createProgram([join(folder, "consumer_node.mts")], { ...options, lib: ["lib.es2022.d.ts"] });
  const problems = ts.getPreEmitDiagnostics(node);
  assert.deepEqual(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")), []);
});

test("the types declare what the package exports", () => {
  const checker = program.getTypeChecker();
  const declared = program.getSourceFiles().find(({ fileName }) => fileName.endsWith("depthcloud/src/index.d.ts"));
  const values = checker
    .getExportsOfModule(checker.getSymbolAtLocation(declared))
    .filter(({ flags }) => flags & ts.SymbolFlags.Value)
    .map(({ name }) => name);
  assert.deepEqual(values.sort(), Object.keys(depthcloud).sort());
});

test("the options are those of the server's documentation", () => {
  const checker = program.getTypeChecker();
  const declared = program.getSourceFiles().find(({ fileName }) => fileName.endsWith("depthcloud/src/index.d.ts"));
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(declared));
  const options = exported.find(({ name }) => name === "ClientOptions");
  const names = checker.getDeclaredTypeOfSymbol(options).getProperties().map(({ name }) => name);
  const page = readFileSync(join(process.env.DEPTHCLOUD_JS, "../docs/server.md"), "utf8");
  const [, table] = /`configure` accepts[^]*?\| key \| \|\n([^]*?)\n\n/.exec(page);
  const keys = [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => cell.replaceAll("`", "").split(", "));
  assert.ok(keys.length > 10);
  assert.deepEqual(names.sort(), keys.sort());
});

test("one version, and the same packages wherever it is installed", () => {
  const json = (...path) => JSON.parse(readFileSync(join(process.env.DEPTHCLOUD_JS, ...path), "utf8"));
  const own = json("package-lock.json").packages;
  const viewer = json("../apps/viewer/package-lock.json").packages;
  assert.equal(json("package.json").version, process.env.DEPTHCLOUD_VERSION);
  for (const [name, { version }] of Object.entries(own)) {
    if (name) assert.equal(viewer[name]?.version, version, name);
  }
});

test("README shows the example as it is", () => {
  const text = (name) => readFileSync(join(process.env.DEPTHCLOUD_JS, name), "utf8");
  const [, shown] = /```js\n([^]*?)```/.exec(text("README.md"));
  assert.equal(shown, text("examples/photo_to_ply.mjs").replace(/^.*SPDX.*\n/, ""));
});
