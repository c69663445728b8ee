// SPDX-License-Identifier: Apache-2.0
// The page for one camera in Chromium, its camera fed from a video, against the real server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { decode } from "@msgpack/msgpack";
import {
  PHOTO,
  canvasPicture,
  colorDifference,
  dropFile,
  figures,
  freePort,
  keepScreenshot,
  makeCameraVideo,
  openPage,
  savedPly,
  startBrowser,
  startServer,
  until,
} from "./harness.mjs";

const MODEL = process.env.DEPTHCLOUD_TORCH === "1" ? "builtin" : "constant:2";
const FLAGS = ["--model", MODEL, "--process-res", "256"]; // few points: software draws them, on a busy machine

const asked = []; // the texts that the page sends
const listen = (it) => it.on("websocket", (socket) => socket.on("framesent", ({ payload }) => asked.push(payload)));

let port;
let server;
let browser;
let page;

before(async () => {
  port = await freePort();
  [server, browser] = await Promise.all([startServer(port, ...FLAGS), startBrowser()]);
  await makeCameraVideo(browser, server.url);
  page = await openPage(browser, server.url, { beforeLoad: listen });
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const setSlider = (id, value) => page.locator(`#${id}`).fill(String(value));
const state = () => page.locator("#state").getAttribute("data-state");

test("the camera becomes a moving cloud", async () => {
  await page.click("#camera");
  await until(page, "clouds", ({ fps, points }) => fps > 0 && points > 1000);
  const first = await canvasPicture(page);
  await sleep(700);
  assert.ok(!first.equals(await canvasPicture(page)));
  assert.match(await page.innerText("#latency"), /^\d+ ms \/ \d+ ms$/);
  await keepScreenshot(page, "live");
});

test("latency does not grow", async () => {
  const p50 = async () => parseFloat(await page.innerText("#latency"));
  await sleep(1000);
  const early = await p50();
  await sleep(6000); // the figure is of the last five seconds
  const late = await p50();
  assert.ok(late < 2 * early + 500, `${early} ms, then ${late} ms`);
});

test("the page survives a restart of the server", async () => {
  assert.equal(await server.stop(), 0);
  await page.waitForSelector("#state:not([data-state=open])");
  await sleep(500);
  server = await startServer(port, ...FLAGS);
  await page.waitForSelector("#state[data-state=open]", { timeout: 30_000 });
  const { points } = await until(page, "clouds again", ({ fps }) => fps > 0);
  assert.ok(points > 1000);
});

test("a dropped photo becomes its cloud, and stays", async () => {
  await dropFile(page, PHOTO, "image/jpeg");
  await until(page, "the photo's cloud", ({ fps }) => fps === 0);
  assert.equal(await page.innerText("#message"), "");
  const first = await canvasPicture(page);
  await sleep(500);
  assert.ok(first.equals(await canvasPicture(page)));
});

test("each slider has its effect", async () => {
  const { points } = await figures(page);
  await setSlider("density", 7); // one in 2 x 2
  const quarter = (await until(page, "fewer points", (now) => now.points < points)).points;
  assert.ok(Math.abs(quarter / points - 0.25) < 0.02, `${points}, then ${quarter}`);
  await setSlider("density", 8);
  await until(page, "all points again", (now) => now.points === points);

  // The least sure half goes; a model that is equally sure of everything keeps it together.
  await setSlider("confidence", 50);
  assert.equal(await page.innerText("output[for=confidence]"), "surest 50 %");
  while (!asked.some((text) => String(text).includes('"confidence_percentile":50'))) await sleep(50);
  const surest = MODEL === "builtin" ? points / 2 : points;
  await until(page, "the surest half", (now) => Math.abs(now.points - surest) < 0.02 * points);
  await setSlider("confidence", 0);
  assert.equal(await page.innerText("output[for=confidence]"), "all points");
  await until(page, "all points again", (now) => now.points === points);

  for (const [id, value] of [["point-size", 0.3], ["coloring", "depth"]]) {
    const before = await canvasPicture(page);
    if (id === "coloring") await page.selectOption("#coloring", value);
    else await setSlider(id, value);
    await sleep(300);
    assert.ok(!before.equals(await canvasPicture(page)), id);
  }
  await page.selectOption("#coloring", "photo");
  await setSlider("point-size", 1.3);
});

test("dragging turns the cloud, and a button turns it back", async () => {
  const reset = async () => {
    await page.click("#reset");
    await sleep(300);
    return canvasPicture(page);
  };
  const first = await reset();
  await page.mouse.move(300, 300);
  await page.mouse.down();
  await page.mouse.move(400, 330, { steps: 3 });
  await page.mouse.up();
  await sleep(300);
  assert.ok(!first.equals(await canvasPicture(page)));
  assert.ok(first.equals(await reset()));
});

test("the cloud is saved as PLY", async () => {
  const { points } = await figures(page);
  const { name, header, count, positions, colors } = await savedPly(page);
  assert.match(name, /^cloud-.*\.ply$/);
  assert.equal(count, points);
  assert.equal(positions.length, points);
  assert.ok(positions.every(([x, y, z]) => z < 0 && Math.abs(x) < -z && Math.abs(y) < -z));
  const [x, y] = positions[0]; // the photo's upper left corner: axes opengl, y up and z backward
  assert.ok(x < 0 && y > 0);
  assert.match(header, /^comment axes opengl$/m);
  assert.ok(new Set(colors.map(String)).size > 1000);
});

test("colours that come with the grid are those that the page keeps", async () => {
  let jpegs = 0;
  const askForColors = (socket) => {
    const upstream = socket.connectToServer();
    socket.onMessage((message) => {
      upstream.send(typeof message === "string" ? message.replace('"colors":"client"', '"colors":"jpeg"') : message);
    });
    upstream.onMessage((message) => {
      if (typeof message !== "string" && decode(message).colors?.[0] === 0xff) jpegs += 1;
      socket.send(message);
    });
  };
  const other = await openPage(browser, server.url, { beforeLoad: (it) => it.routeWebSocket(/\/ws$/, askForColors) });
  await other.waitForSelector("#state[data-state=open]");
  await dropFile(other, PHOTO, "image/jpeg");
  const full = (await figures(page)).points;
  for (const [density, least, most] of [[7, 1, full / 2], [8, full, full]]) {
    for (const opened of [page, other]) {
      await opened.locator("#density").fill(String(density));
      await until(opened, "a still cloud", ({ fps, points }) => fps === 0 && points >= least && points <= most);
    }
    const [kept, sent] = [await savedPly(page), await savedPly(other)];
    assert.deepEqual(sent.positions, kept.positions);
    const off = sent.colors.flat().map((sample, i) => Math.abs(sample - kept.colors[Math.floor(i / 3)][i % 3]));
    const mean = off.reduce((sum, value) => sum + value, 0) / off.length;
    assert.ok(mean > 0 && mean < 14, `colours are off by ${mean}`);
    const drawn = await colorDifference(page, await canvasPicture(page), await canvasPicture(other));
    assert.ok(drawn < 14, `the drawn ones by ${drawn}`);
  }
  assert.ok(jpegs >= 2, `${jpegs} messages with a JPEG`);
  assert.deepEqual(other.errors, []);
  await other.context().close();
});

test("what is no picture is told by its name, as text", async () => {
  await page.setInputFiles("#file", { name: "<b>notes</b>.txt", mimeType: "text/plain", buffer: Buffer.from("?") });
  await page.waitForSelector("#message:not([hidden])");
  assert.match(await page.innerText("#message"), /^<b>notes<\/b>\.txt: not a photo/);
});

test("a video file plays into clouds", async () => {
  const video = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(), { mimeType: "video/webm" });
    const chunk = new Promise((resolve) => (recorder.ondataavailable = ({ data }) => resolve(data)));
    recorder.start();
    for (let i = 0; i < 20; i += 1) {
      context.fillStyle = `hsl(${18 * i} 80% 50%)`;
      context.fillRect(0, 0, canvas.width, canvas.height);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    recorder.stop();
    return [...new Uint8Array(await (await chunk).arrayBuffer())];
  });
  const buffer = Buffer.from(video);
  await page.setInputFiles("#file", { name: "colours.webm", mimeType: "video/webm", buffer });
  await until(page, "clouds of the video", ({ fps }) => fps > 0);
  assert.equal(await page.innerText("#message"), "");
  await page.click("#stop");
});

test("a token in the fragment opens a server that wants one", async () => {
  const guarded = await startServer(await freePort(), ...FLAGS, "--token", "long-secret-token");
  const stranger = await openPage(browser, guarded.url);
  await stranger.waitForSelector("#state[data-state=waiting]");
  assert.match(await stranger.innerText("#state"), /refuses this page: does it want a token/);
  const guest = await openPage(browser, `${guarded.url}#token=long-secret-token`);
  await guest.waitForSelector("#state[data-state=open]");
  assert.match(await guest.getAttribute("#other-page", "href"), /rig#token=long-secret-token$/);
  await stranger.evaluate(() => (window.location.hash = "token=long-secret-token")); // the page stays open
  await stranger.waitForSelector("#state[data-state=open]");
  assert.match(await stranger.getAttribute("#other-page", "href"), /rig#token=long-secret-token$/);
  await stranger.evaluate(() => (window.location.hash = "token=another"));
  await stranger.waitForSelector("#state[data-state=waiting]");
  assert.match(await stranger.innerText("#state"), /is the token right\?/);
  for (const opened of [stranger, guest]) {
    assert.deepEqual(opened.errors, []);
    await opened.context().close();
  }
  await guarded.stop();
});

test("a refused camera is told in words", async () => {
  const refusing = await startBrowser({ camera: "deny" });
  const other = await openPage(refusing, server.url);
  await other.click("#camera");
  await other.waitForSelector("#message:not([hidden])");
  assert.match(await other.innerText("#message"), /camera was refused/);
  assert.match(await other.innerText("#guide"), /camera was refused.*\n.*A photo or a video works without a camera/s);
  assert.deepEqual(other.errors, []);
  await refusing.close();
});

test("the page fits a phone", async () => {
  const viewport = { width: 390, height: 780 };
  const phone = await openPage(browser, server.url, { viewport, hasTouch: true, isMobile: true });
  await phone.tap("#camera");
  await until(phone, "clouds", ({ fps, points }) => fps > 0 && points > 1000);
  assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), viewport.width);
  const sheet = await phone.locator("aside").boundingBox();
  assert.ok(sheet.y >= viewport.height / 2 && sheet.y + sheet.height <= viewport.height);
  for (const id of ["camera", "reset", "measure", "picture", "ply"]) {
    const { y, height } = await phone.locator(`#${id}`).boundingBox();
    assert.ok(y + height <= viewport.height, `${id} is below the fold`);
  }
  for (const id of ["camera", "point-size", "ply"]) {
    await phone.locator(`#${id}`).scrollIntoViewIfNeeded();
    const { x, width } = await phone.locator(`#${id}`).boundingBox();
    assert.ok(x >= 0 && x + width <= viewport.width, id);
  }
  await phone.setViewportSize({ width: 360, height: 640 });
  const help = await phone.locator("#help-button").boundingBox();
  assert.ok(help.x >= 0 && help.x + help.width <= 360 && help.y >= 0 && help.y + help.height <= 60, JSON.stringify(help));
  await phone.setViewportSize(viewport);
  await keepScreenshot(phone, "phone");
  assert.deepEqual(phone.errors, []);
  await phone.context().close();
});

test("the page had no error in all this", async () => {
  assert.equal(await state(), "open");
  assert.deepEqual(page.errors, []);
});
