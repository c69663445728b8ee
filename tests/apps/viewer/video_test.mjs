// SPDX-License-Identifier: Apache-2.0
// Video from the page in Chromium to the real server, and the server's own cameras.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CSS_BARS,
  checkBars,
  eventually,
  freePort,
  keepScreenshot,
  makeCameraVideo,
  metric,
  openPage,
  savedPly,
  startBrowser,
  startServer,
  until,
} from "./harness.mjs";

const FLAGS = ["--model", "constant:2", "--process-res", "128"]; // few points: software draws them

let port;
let server;
let browser;
let page;

before(async () => {
  port = await freePort();
  [server, browser] = await Promise.all([startServer(port, ...FLAGS), startBrowser()]);
  await makeCameraVideo(browser, server.url, CSS_BARS);
  if (!(await decodes(server.url))) {
    console.log("skipped: the server decodes no video");
    process.exit(77);
  }
  page = await openPage(browser, server.url, { beforeLoad: colorsFromServer });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function decodes(url) {
  const probe = await openPage(browser, url);
  const codecs = await probe.evaluate(
    () =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/ws`);
        socket.onopen = () => socket.send('{"type":"configure"}');
        socket.onmessage = ({ data }) => resolve(JSON.parse(data).video_codecs);
      }),
  );
  await probe.context().close();
  return codecs.length > 0;
}

/** The page colours clouds by its own pictures; here they are to be those that the server got. */
const colorsFromServer = (it) =>
  it.routeWebSocket(/\/ws$/, (socket) => {
    const upstream = socket.connectToServer();
    const changed = (message) =>
      typeof message === "string" ? message.replace('"colors":"client"', '"colors":"jpeg"') : message;
    socket.onMessage((message) => upstream.send(changed(message)));
    upstream.onMessage((message) => socket.send(message));
  });

const megabits = async (direction) => Number(await page.innerText(`#${direction}`));
const decoded = (from = server) => metric(from, 'video_units_total{state="decoded"}');
const more = async (from) => {
  const units = await decoded(from);
  await eventually(page, "more units", async () => (await decoded(from)) > units + 5);
};

test("the camera goes out as video, and its colours arrive", async () => {
  assert.equal(await page.inputValue("#transport"), "video");
  await page.click("#camera");
  await until(page, "clouds", ({ fps, points }) => fps > 0 && points > 1000);
  await more();
  assert.equal(await metric(server, "video_clients"), 1);
  assert.equal(await page.innerText("#message"), "");
  await checkBars(page);
  assert.match(await page.innerText("#latency"), /^\d+ ms \/ \d+ ms$/);
  await eventually(page, "the page to say what comes down", async () => (await megabits("down")) > 0);
  await keepScreenshot(page, "video");
});

test("JPEG can be chosen instead, and video again", async () => {
  await page.selectOption("#transport", "jpeg");
  await eventually(page, "the decoder to go", async () => (await metric(server, "video_clients")) === 0);
  const units = await decoded();
  const offered = () => metric(server, 'frames_total{state="processed"}');
  const frames = await offered();
  await eventually(page, "clouds of photos", async () => (await offered()) > frames + 5);
  assert.equal(await decoded(), units);
  await eventually(page, "the page to say what goes up", async () => (await megabits("up")) > 0);
  await page.selectOption("#transport", "video");
  await more();
});

test("video goes on after a restart of the server", async () => {
  assert.equal(await server.stop(), 0);
  await page.waitForSelector("#state:not([data-state=open])");
  server = await startServer(port, ...FLAGS);
  await page.waitForSelector("#state[data-state=open]", { timeout: 30_000 });
  await more();
  await until(page, "clouds again", ({ fps }) => fps > 0);
});

test("a video file of another size takes the camera's place in the stream", async () => {
  const video = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [240, 240];
    const context = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: "video/webm" });
    const chunk = new Promise((resolve) => (recorder.ondataavailable = ({ data }) => resolve(data)));
    recorder.start();
    for (let i = 0; i < 20; i += 1) {
      context.fillStyle = "rgb(60 70 190)";
      context.fillRect(0, 0, canvas.width, canvas.height);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    recorder.stop();
    return [...new Uint8Array(await (await chunk).arrayBuffer())];
  });
  const before = (await savedPly(page)).count;
  const buffer = Buffer.from(video);
  await page.setInputFiles("#file", { name: "blue.webm", mimeType: "video/webm", buffer });
  await until(page, "clouds of another shape", ({ fps, points }) => fps > 0 && points !== before);
  await more();
  const { positions } = await savedPly(page);
  const extent = (axis) => Math.max(...positions.map((point) => Math.abs(point[axis])));
  assert.ok(Math.abs(extent(1) / extent(0) - 1) < 0.05, "it is square");
  assert.equal(await metric(server, "video_clients"), 1);
  assert.equal(await page.innerText("#message"), "");
  await page.click("#stop");
  await eventually(page, "the decoder to go", async () => (await metric(server, "video_clients")) === 0);
});

test("a registered camera sends video too", async () => {
  const rig = await openPage(browser, `${server.url}rig`);
  await rig.click("#own summary");
  await rig.click("#camera");
  await until(rig, "clouds of the rig", ({ fps, points }) => fps > 0 && points > 1000);
  await more();
  assert.deepEqual(rig.errors, []);
  await rig.context().close();
});

for (const [what, flags, prepare, why] of [
  ["the server decodes nothing", ["--max-video-clients", "0"], undefined, /encodes none of what the server decodes/],
  ["the browser has no WebCodecs", [], (it) => it.addInitScript(() => delete window.VideoEncoder), /no WebCodecs/],
]) {
  test(`where ${what}, frames go as JPEG, and the page says so`, async () => {
    const other = await startServer(await freePort(), ...FLAGS, ...flags);
    const opened = await openPage(browser, other.url, { beforeLoad: prepare });
    await opened.click("#camera");
    await until(opened, "clouds", ({ fps, points }) => fps > 0 && points > 1000);
    assert.match(await opened.innerText("#message"), why);
    assert.equal(await decoded(other), 0);
    assert.deepEqual(opened.errors, []);
    await opened.context().close();
    await other.stop();
  });
}

test("a codec that the server lacks is not chosen", async () => {
  process.env.GST_PLUGIN_FEATURE_RANK = "avdec_h264:NONE,openh264dec:NONE";
  const other = await startServer(await freePort(), ...FLAGS);
  delete process.env.GST_PLUGIN_FEATURE_RANK;
  const asked = [];
  const listen = (it) => it.on("websocket", (socket) => socket.on("framesent", ({ payload }) => asked.push(payload)));
  const opened = await openPage(browser, other.url, { beforeLoad: listen });
  await opened.click("#camera");
  await more(other);
  const config = asked.filter((text) => typeof text === "string").find((text) => text.includes("video_config"));
  assert.match(JSON.parse(config).codec, /^(vp8|vp09|av01)/);
  assert.equal(await opened.innerText("#message"), "");
  await opened.context().close();
  await other.stop();
});

test("the server's camera is seen without one of the page", async () => {
  const other = await startServer(await freePort(), ...FLAGS, "--source", "porch=test:64x48@10", "--source", "test:48x64@10");
  const opened = await openPage(browser, other.url);
  await until(opened, "clouds of the server's camera", ({ fps, points }) => fps > 0 && points > 1000);
  assert.equal(await opened.inputValue("#server-source"), "porch");
  assert.equal(await opened.locator("#guide").isVisible(), false);
  const watchers = (name) => metric(other, `source_watchers{source="${name}"}`);
  assert.equal(await watchers("porch"), 1);
  await opened.selectOption("#server-source", "source-2");
  await eventually(page, "the other source", async () => (await watchers("source-2")) === 1 && (await watchers("porch")) === 0);
  await until(opened, "its clouds", ({ fps }) => fps > 0);
  await keepScreenshot(opened, "server-source");
  await opened.click("#camera");
  await eventually(page, "the page's own camera", async () => (await watchers("source-2")) === 0);
  await more(other);
  assert.equal(await opened.inputValue("#server-source"), "");
  await opened.selectOption("#server-source", "porch");
  await eventually(page, "the source again", async () => (await watchers("porch")) === 1);
  await eventually(page, "the decoder to go", async () => (await metric(other, "video_clients")) === 0);
  assert.equal(await opened.locator("#stop").isVisible(), false);
  assert.equal(await opened.innerText("#message"), "");
  assert.deepEqual(opened.errors, []);
  await opened.context().close();
  await other.stop();
});

test("a source that gives no pictures clears those of the one before", async () => {
  const dead = "dead=rtsp://127.0.0.1:9/live";
  const other = await startServer(await freePort(), ...FLAGS, "--source", "porch=test:64x48@10", "--source", dead);
  const opened = await openPage(browser, other.url);
  await until(opened, "clouds of the server's camera", ({ fps, points }) => fps > 0 && points > 1000);
  await opened.selectOption("#server-source", "dead");
  await opened.waitForSelector("#ply:disabled");
  assert.match(await opened.innerText("#message"), /dead gives no pictures/);
  await opened.selectOption("#server-source", "porch");
  await opened.waitForSelector("#ply:enabled");
  assert.deepEqual(opened.errors, []);
  await opened.context().close();
  await other.stop();
});

test("the page had no error in all this", () => {
  assert.deepEqual(page.errors, []);
});
