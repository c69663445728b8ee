// SPDX-License-Identifier: Apache-2.0
// What the page shows of a camera in Chromium with the real server on the same machine, both as they are
// without options: live.mjs [SECONDS]. A row, as Markdown. Environment: as tests/apps/viewer/harness.mjs.

import { setTimeout as sleep } from "node:timers/promises";
import { figures, freePort, makeCameraVideo, openPage, startBrowser, startServer, until } from "../tests/harness.mjs";

const SECONDS = Number(process.argv[2] ?? 30);
const WARM_UP = 5;

const server = await startServer(await freePort());
const browser = await startBrowser();
await makeCameraVideo(browser, server.url);
const page = await openPage(browser, server.url);
await page.click("#camera");
await until(page, "clouds", ({ fps }) => fps > 0);

/** {updates: a second, points, p50, p95: ms from the camera's frame to its cloud on the screen}. */
async function look() {
  const { fps, points } = await figures(page);
  const [p50, p95] = (await page.innerText("#latency")).split("/").map(parseFloat);
  return { updates: fps, points, p50, p95 };
}
const looks = [];
await sleep(WARM_UP * 1000);
for (let second = 0; second < SECONDS; second += 1) {
  looks.push(await look());
  await sleep(1000);
}
const errors = page.errors;
const version = browser.version();
await browser.close();
await server.stop();
if (errors.length > 0) throw new Error(errors.join("\n"));

const updates = looks.map((look) => look.updates).sort((a, b) => a - b);
const [first, last] = [looks[0], looks.at(-1)];
console.log(`| Chromium ${version} | seconds | points | updates a second, median | least | latency p50 / p95, first | last |`);
console.log("|---|---:|---:|---:|---:|---:|---:|");
console.log(
  `| live page, builtin | ${SECONDS} | ${last.points} | ${updates[Math.floor(updates.length / 2)]} | ${updates[0]} ` +
    `| ${first.p50} / ${first.p95} ms | ${last.p50} / ${last.p95} ms |`,
);
