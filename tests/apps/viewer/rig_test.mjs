// SPDX-License-Identifier: Apache-2.0
// The page for several cameras in Chromium: one page looks and gives its camera, another gives a photo.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  PHOTO,
  freePort,
  keepScreenshot,
  makeCameraVideo,
  openPage,
  startBrowser,
  startServer,
  until,
} from "./harness.mjs";

let server;
let browser;
let first;
let second;

before(async () => {
  const port = await freePort();
  // Few points, and time enough to belong together: a busy machine takes few pictures a second.
  const flags = ["--model", "constant:2", "--process-res", "252", "--align-window", "1000"];
  [server, browser] = await Promise.all([startServer(port, ...flags), startBrowser()]);
  await makeCameraVideo(browser, server.url);
  first = await openPage(browser, `${server.url}rig`);
  second = await openPage(browser, `${server.url}rig`);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const cameras = (page, count) =>
  page.waitForFunction(
    (expected) =>
      document.getElementById("camera-count").textContent === expected &&
      document.querySelectorAll("#cameras li").length === Number(expected),
    String(count),
    { timeout: 20_000 },
  );
const views = (page, count) =>
  page.waitForFunction((expected) => document.getElementById("views").textContent === expected, String(count));

test("a page that joins is a camera for all", async () => {
  await cameras(first, 0);
  await first.click("#own summary");
  await first.click("#camera");
  await Promise.all([cameras(first, 1), cameras(second, 1)]);
  await until(second, "the first camera's clouds", ({ fps, points }) => fps > 0 && points > 1000);
});

test("two cameras become one cloud, each where it stands", async () => {
  await second.click("#own summary");
  await second.fill("#pose-x", "2.5");
  await second.setInputFiles("#file", PHOTO);
  await cameras(first, 2);
  await Promise.all([views(first, 2), views(second, 2)]);
  const { points } = await until(first, "merged clouds", ({ fps }) => fps > 0);
  assert.ok(points > 1000);
  await first.click("#reset");
  await keepScreenshot(first, "rig");
});

test("a page chooses its encoding", async () => {
  const bytesAPoint = ({ kilobytes, points }) => (1000 * kilobytes) / points;
  await until(first, "q16", (now) => now.points > 0 && bytesAPoint(now) < 10);
  await first.selectOption("#encoding", "f32");
  await until(first, "f32", (now) => now.points > 0 && bytesAPoint(now) > 14);
  assert.deepEqual(await first.locator("#encoding option").allInnerTexts(), ["q16", "f32"]);
});

test("one that leaves is gone for all", async () => {
  await first.click("#stop");
  await Promise.all([cameras(first, 1), cameras(second, 1)]);
  for (const page of [first, second]) assert.deepEqual(page.errors, []);
  assert.equal(await first.innerText("#message"), "");
});
