// SPDX-License-Identifier: Apache-2.0
// WebRTC from the page in Chromium to the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { decoderReady } from "depthcloud";
import {
  CSS_BARS,
  checkBars,
  eventually,
  freePort,
  keepScreenshot,
  makeCameraVideo,
  metric,
  numberInBars,
  openPage,
  startBrowser,
  startServer,
  until,
} from "./harness.mjs";

const FLAGS = ["--model", "constant:2", "--process-res", "128"]; // few points: software draws them
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
  await makeCameraVideo(browser, server.url, CSS_BARS);
  page = await openPage(browser, server.url);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const moreClouds = async (name) => {
  const clouds = await metric(server, name);
  await eventually(page, "more clouds", async () => (await metric(server, name)) > clouds + 5);
};

test("the camera goes out over WebRTC, and its colours arrive", async () => {
  await page.selectOption("#transport", "webrtc");
  await page.click("#camera");
  await eventually(page, "a connection", async () => (await metric(server, "webrtc_connected_total")) === 1);
  await moreClouds("clouds_sent_total");
  await until(page, "clouds", ({ fps, points }) => fps > 0 && points > 1000);
  assert.equal(await metric(server, "webrtc_peers"), 1);
  assert.equal(await metric(server, "webrtc_clouds_total"), 0);
  assert.equal(await page.innerText("#message"), "");
  await eventually(page, "the path", async () => /^(host|reflexive), UDP$/.test(await page.innerText("#path")));
  await sleep(2000); // the first pictures are coarse
  await checkBars(page, TOLERANCE);
  await keepScreenshot(page, "webrtc");
});

test("the clouds come back over the data channel", async () => {
  await page.selectOption("#transport", "webrtc-channel");
  await moreClouds("webrtc_clouds_total");
  await until(page, "clouds", ({ fps, points }) => fps > 0 && points > 1000);
  await checkBars(page, TOLERANCE);
});

test("another way can be chosen, and the connection ends", async () => {
  await page.selectOption("#transport", "jpeg");
  await eventually(page, "the peer to go", async () => (await metric(server, "webrtc_peers")) === 0);
  assert.equal(await page.innerText("#path"), "–");
  await moreClouds("clouds_sent_total");
});

test("where it does not come about, frames go over the WebSocket, and a line says why", async () => {
  const lost = await metric(server, "webrtc_lost_total");
  // As if a firewall dropped all: this side learns of no address, and tells none.
  await page.evaluate(() => {
    RTCPeerConnection.prototype.addIceCandidate = async () => {};
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
      if (typeof data !== "string" || !data.includes("ice_candidate")) send.call(this, data);
    };
  });
  await page.selectOption("#transport", "webrtc");
  await eventually(page, "the server to give up", async () => (await metric(server, "webrtc_lost_total")) > lost);
  await eventually(page, "a line", async () => /over the WebSocket: .*TURN/.test(await page.innerText("#message")));
  assert.equal(await page.inputValue("#transport"), "video");
  await moreClouds("clouds_sent_total");
});

test("a page that vanishes leaves nothing behind", async () => {
  const other = await openPage(browser, server.url);
  await other.selectOption("#transport", "webrtc");
  await other.click("#camera");
  await eventually(page, "a connection", async () => (await metric(server, "webrtc_peers")) === 1);
  await other.context().close();
  await eventually(page, "the peer to go", async () => (await metric(server, "webrtc_peers")) === 0);
});

const BITS = 12;
const STEP_MS = 8;

/** In the place of the camera, a canvas whose bars are the bits of the time at which it was drawn. */
const timeAsPicture = ([bits, step]) => {
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [480, 360];
    const context = canvas.getContext("2d");
    setInterval(() => {
      const count = Math.floor(Date.now() / step);
      for (let bit = 0; bit < bits; bit += 1) {
        context.fillStyle = (count >> bit) & 1 ? "white" : "black";
        context.fillRect((canvas.width * bit) / bits, 0, canvas.width / bits, canvas.height);
      }
    }, 33);
    return canvas.captureStream(30);
  };
};

/** How long ago the picture of a cloud was drawn, in ms; undefined where a bar is neither black nor white. */
function ageOf(packet) {
  const now = Math.floor(Date.now() / STEP_MS);
  const count = numberInBars(packet, BITS);
  return count === undefined ? undefined : ((now - count + 2 ** BITS) % 2 ** BITS) * STEP_MS;
}

test("a picture becomes a cloud in a moment, by the time that is drawn into it", async () => {
  await decoderReady();
  const ages = [];
  const other = await openPage(browser, server.url, {
    beforeLoad: async (it) => {
      await it.addInitScript(timeAsPicture, [BITS, STEP_MS]);
      await it.routeWebSocket(/\/ws$/, (socket) => {
        const upstream = socket.connectToServer();
        socket.onMessage((message) =>
          upstream.send(typeof message === "string" ? message.replace('"encoding":"depth"', '"encoding":"f32"') : message),
        );
        upstream.onMessage((message) => {
          if (typeof message !== "string") {
            const { buffer, byteOffset, byteLength } = message;
            ages.push(ageOf(buffer.slice(byteOffset, byteOffset + byteLength)));
          }
          socket.send(message);
        });
      });
    },
  });
  await other.selectOption("#transport", "webrtc");
  await other.click("#camera");
  await eventually(page, "clouds", async () => ages.length > 45);
  const read = ages.slice(15).filter((age) => age !== undefined).sort((a, b) => a - b);
  await other.context().close();
  const median = read[Math.floor(read.length / 2)];
  console.log(`glass to cloud: ${median} ms in the median of ${read.length}`);
  assert.ok(read.length > 15, `${read.length} of ${ages.length} pictures are sharp`);
  assert.ok(median < 1000, `${median} ms`);
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
