// SPDX-License-Identifier: Apache-2.0
// Full density over a link of 20 Mbit/s: server and Chromium run in a network of their own whose one
// interface is shaped by a token bucket, for both directions together.

import { spawnSync } from "node:child_process";

const SHAPE = `
  ip link set lo mtu 1500 up &&
  tc qdisc add dev lo root tbf rate 20mbit burst 32kb latency 100ms || exit 77
  exec "$@"`;

if (!process.env.DEPTHCLOUD_SHAPED) {
  const namespace = process.getuid() === 0 ? ["--net"] : ["--user", "--map-root-user", "--net"];
  const { status } = spawnSync(
    "unshare",
    [...namespace, "sh", "-c", SHAPE, "sh", process.execPath, ...process.execArgv, process.argv[1]],
    { stdio: "inherit", env: { ...process.env, DEPTHCLOUD_SHAPED: "1" } },
  );
  if (status === null || status === 77) {
    console.log("skipped: no network namespace with a token bucket here (unshare, ip, tc)");
    process.exit(77);
  }
  process.exit(status);
}

const assert = (await import("node:assert/strict")).default;
const { after, before, test } = await import("node:test");
const { setTimeout: sleep } = await import("node:timers/promises");
const { freePort, keepScreenshot, makeCameraVideo, openPage, startBrowser, startServer, until } = await import(
  "./harness.mjs"
);

const FULL_DENSITY = 504 * 378;
const MODEL = process.env.DEPTHCLOUD_TORCH === "1" ? "builtin" : "constant:2";

let server;
let browser;
let page;

before(async () => {
  const port = await freePort();
  [server, browser] = await Promise.all([
    startServer(port, "--model", MODEL, "--process-res", "504"),
    startBrowser(),
  ]);
  await makeCameraVideo(browser, server.url);
  page = await openPage(browser, server.url);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("depth at full density keeps up", async () => {
  await page.selectOption("#transport", "jpeg"); // video would become smaller where the machine is slow
  await page.click("#camera");
  await until(page, "full density", ({ fps, points }) => fps > 0 && points > 0.9 * FULL_DENSITY, 60_000);
  const latency = async () => parseFloat(await page.innerText("#latency"));
  await sleep(5000);
  const early = await latency();
  await sleep(6000); // the figure is of the last five seconds
  const late = await latency();
  const { fps, points, kilobytes } = await until(page, "clouds", ({ fps }) => fps > 0, 60_000);
  console.log(`${points} points, ${kilobytes} kB a cloud, ${fps} clouds/s, p50 ${early} ms, then ${late} ms`);
  await keepScreenshot(page, "link");
  assert.ok(points > 0.9 * FULL_DENSITY && kilobytes < 135);
  assert.ok(late < 2 * early + 1000, `latency grew from ${early} to ${late} ms`);
  assert.deepEqual(page.errors, []);
});

test("the link is what it says: float points of the same cloud crawl", async () => {
  await page.selectOption("#encoding", "f32");
  await until(page, "float points", ({ kilobytes }) => kilobytes > 2500, 60_000);
  await sleep(5000);
  const { fps } = await until(page, "clouds", ({ fps }) => fps > 0);
  console.log(`f32: ${fps} clouds/s`);
  assert.ok(fps < 1.5);
});
