// SPDX-License-Identifier: Apache-2.0
// How long Chromium takes to decode each encoding, and the compressed parts of depth.msgpack by other
// means: decode.mjs MESSAGE.msgpack... A row each, as Markdown.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { deflateRawSync } from "node:zlib";
import { decode } from "@msgpack/msgpack";
import { build } from "esbuild";
import { decompress } from "fzstd";
import { chromium } from "playwright-core";

const WARM_UP = 50; // rounds until the browser has compiled everything
const ROUNDS = 300;

const files = process.argv.slice(2);
const messages = Object.fromEntries(
  files.map((file) => [basename(file, ".msgpack"), readFileSync(file).toString("base64")]),
);
const { codes, escapes, mask } = decode(Buffer.from(messages.depth, "base64"));
const zstd = [codes, escapes, mask].filter(Boolean);
const contents = zstd.map((part) => decompress(part));
const deflated = (level) => contents.map((part) => deflateRawSync(part, { level }));
const inBase64 = (parts) => parts.map((part) => Buffer.from(part).toString("base64"));
const parts = { zstd: inBase64(zstd), deflate1: inBase64(deflated(1)), deflate6: inBase64(deflated(6)) };
const sizes = contents.map((part) => part.length);

const bundle = await build({
  entryPoints: [process.argv[1].replace("decode.mjs", "page.js")],
  bundle: true,
  format: "iife",
  preserveSymlinks: true,
  write: false,
});

const browser = await chromium.launch({
  executablePath: process.env.DEPTHCLOUD_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
const page = await browser.newPage();
await page.addScriptTag({ content: bundle.outputFiles[0].text });
const cases = await page.evaluate(
  (values) => window.measure(...values),
  [messages, parts, sizes, WARM_UP + ROUNDS],
);
const version = browser.version();
await browser.close();

console.log(`| Chromium ${version} | points | bytes | bytes a point | decode ms, median | p95 |`);
console.log("|---|---:|---:|---:|---:|---:|");
for (const [name, { bytes, points, times }] of Object.entries(cases)) {
  const sorted = times.slice(WARM_UP).sort((a, b) => a - b);
  const [median, p95] = [0.5, 0.95].map((share) => sorted[Math.floor(share * sorted.length)].toFixed(2));
  console.log(`| ${name} | ${points} | ${bytes} | ${(bytes / points).toFixed(2)} | ${median} | ${p95} |`);
}
