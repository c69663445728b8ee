// SPDX-License-Identifier: Apache-2.0
// WebRTC from the page in Chromium to the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { checkBars, freePort, keepScreenshot, makeCameraVideo, openPage, startBrowser, startServer, until } from "./harness.mjs";

const FLAGS = ["--model", "constant:2", "--process-res", "128"]; // few points: software draws them
const BARS = [
  [200, 40, 40],
  [40, 170, 60],
  [60, 70, 190],
  [180, 180, 180],
];
// The encoders of Chromium take the full range of the fake camera's JPEG for the range of video.
const TOLERANCE = 20;

let server;
let browser;
let page;

before(async () => {
  const port = await freePort();
  browser = await startBrowser();
  server = await startServer(port, ...FLAGS, "--webrtc", "--udp-ports", "47200-47299", "--idle-timeout", "5").catch(
    (error) => {
      console.log(`skipped: no WebRTC: ${error.message}`);
      process.exit(77);
    },
  );
  await makeCameraVideo(browser, server.url, BARS.map((color) => `rgb(${color})`));
  page = await openPage(browser, server.url);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function metric(name) {
  const text = await (await fetch(`${server.url}metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`depthcloud_${name} `));
  return Number(line.split(" ").at(-1));
}

async function wait(what, check) {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await check()) return;
    await sleep(50);
  }
  throw new Error(`waited for ${what}: ${await page.innerText("#message")}`);
}

const moreClouds = async (name) => {
  const clouds = await metric(name);
  await wait("more clouds", async () => (await metric(name)) > clouds + 5);
};

test("the camera goes out over WebRTC, and its colours arrive", async () => {
  await page.selectOption("#transport", "webrtc");
  await page.click("#camera");
  await wait("a connection", async () => (await metric("webrtc_connected_total")) === 1);
  await moreClouds("clouds_sent_total");
  await until(page, "clouds", ({ fps, points }) => fps > 0 && points > 1000);
  assert.equal(await metric("webrtc_peers"), 1);
  assert.equal(await metric("webrtc_clouds_total"), 0);
  assert.equal(await page.innerText("#message"), "");
  await wait("the path", async () => /^(host|reflexive), UDP$/.test(await page.innerText("#path")));
  await sleep(2000); // the first pictures are coarse
  await checkBars(page, BARS, TOLERANCE);
  await keepScreenshot(page, "webrtc");
});

test("the clouds come back over the data channel", async () => {
  await page.selectOption("#transport", "webrtc-channel");
  await moreClouds("webrtc_clouds_total");
  await until(page, "clouds", ({ fps, points }) => fps > 0 && points > 1000);
  await checkBars(page, BARS, TOLERANCE);
});

test("another way can be chosen, and the connection ends", async () => {
  await page.selectOption("#transport", "jpeg");
  await wait("the peer to go", async () => (await metric("webrtc_peers")) === 0);
  assert.equal(await page.innerText("#path"), "–");
  await moreClouds("clouds_sent_total");
});

test("where it does not come about, frames go over the WebSocket, and a line says why", async () => {
  const lost = await metric("webrtc_lost_total");
  // As if a firewall dropped all: this side learns of no address, and tells none.
  await page.evaluate(() => {
    RTCPeerConnection.prototype.addIceCandidate = async () => {};
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
      if (typeof data !== "string" || !data.includes("ice_candidate")) send.call(this, data);
    };
  });
  await page.selectOption("#transport", "webrtc");
  await wait("the server to give up", async () => (await metric("webrtc_lost_total")) > lost);
  await wait("a line", async () => /over the WebSocket: .*TURN/.test(await page.innerText("#message")));
  assert.equal(await page.inputValue("#transport"), "video");
  await moreClouds("clouds_sent_total");
});

test("a page that vanishes leaves nothing behind", async () => {
  const other = await openPage(browser, server.url);
  await other.selectOption("#transport", "webrtc");
  await other.click("#camera");
  await wait("a connection", async () => (await metric("webrtc_peers")) === 1);
  await other.context().close();
  await wait("the peer to go", async () => (await metric("webrtc_peers")) === 0);
});

test("a server without --webrtc does not offer it", async () => {
  const plain = await startServer(await freePort(), ...FLAGS);
  const other = await openPage(browser, plain.url);
  await other.waitForSelector("#state[data-state=open]");
  await sleep(500);
  const isOffered = await other.evaluate(() => !document.querySelector('#transport option[value="webrtc"]').disabled);
  assert.equal(isOffered, false);
  await other.context().close();
  await plain.stop();
});
