// SPDX-License-Identifier: Apache-2.0
// The package in Chromium: its readers on the library's messages, its client on the real server.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { freePort, openPage, PHOTO, startBrowser, startServer } from "../tests/harness.mjs";
import { wireMessages } from "./messages.mjs";

let server;
let browser;
let page;

before(async () => {
  const bundle = await build({
    entryPoints: [join(process.argv[1], "../browser.mjs")],
    bundle: true,
    format: "iife",
    preserveSymlinks: true,
    write: false,
  });
  [server, browser] = await Promise.all([
    startServer(await freePort(), "--model", "constant:2", "--process-res", "252"),
    startBrowser(),
  ]);
  page = await openPage(browser, `${server.url}healthz`, { bypassCSP: true });
  await page.addScriptTag({ content: bundle.outputFiles[0].text });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const inBase64 = (bytes) => Buffer.from(bytes).toString("base64");

test("every case of the readers holds", async () => {
  const files = Object.entries(wireMessages()).map(([name, bytes]) => [name, inBase64(bytes)]);
  const results = await page.evaluate((files) => window.runWireCases(files), Object.fromEntries(files));
  assert.ok(results.length > 15);
  assert.deepEqual(results.filter(([, error]) => error), []);
});

test("a photo goes out and its cloud comes back", async () => {
  const cloud = await page.evaluate((photo) => window.cloudOfPhoto(photo), inBase64(readFileSync(PHOTO)));
  const { count, first, ...rest } = cloud;
  assert.deepEqual(rest, { encoding: "depth", captureTs: 2.5, refused: "ServerError unsupported" });
  assert.ok(count > 1000 && first[0] < 0 && first[1] > 0 && Math.abs(first[2] + 2) < 0.01, JSON.stringify(cloud));
});

test("a server that is not there is an error", async () => {
  const message = await page.evaluate((url) => window.refusedWith(url), `http://127.0.0.1:${await freePort()}`);
  assert.match(message, /^http:\/\/127\.0\.0\.1:\d+ does not connect: it does not answer, or wants another token$/);
});
