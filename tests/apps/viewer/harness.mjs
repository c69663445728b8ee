// SPDX-License-Identifier: Apache-2.0
// The real server and Debian's Chromium for the tests of the pages.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeCloud, pointsOf } from "depthcloud";
import { chromium } from "playwright-core";

export { freePort, startServer, startServerOn } from "./server.mjs";

const { DEPTHCLOUD_CHROMIUM, DEPTHCLOUD_PHOTOS, DEPTHCLOUD_SCREENSHOTS } = process.env;

export const PHOTO = join(DEPTHCLOUD_PHOTOS ?? "", "coffee.jpg");

if (!DEPTHCLOUD_CHROMIUM) {
  console.log("skipped: chromium is not installed");
  process.exit(77);
}

/** A folder that goes when the process does. */
export const workFolder = mkdtempSync(join(tmpdir(), "depthcloud-viewer-"));
process.on("exit", () => rmSync(workFolder, { recursive: true, force: true }));

/**
 * camera: "allow" or "deny"; its pictures are those of `video`, by default the file that makeCameraVideo writes. webgl:
 * false switches it off. secure: an origin of plain HTTP that is to get the camera all the same.
 */
export async function startBrowser({ camera = "allow", video = cameraVideo, webgl = true, secure } = {}) {
  const browser = await chromium.launch({
    executablePath: DEPTHCLOUD_CHROMIUM,
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
      ...["--disable-component-update", "--disable-sync", "--no-first-run"],
      ...(secure ? [`--unsafely-treat-insecure-origin-as-secure=${secure}`] : []),
      ...(webgl ? [] : ["--disable-3d-apis"]),
      "--use-fake-device-for-media-stream",
      `--use-fake-ui-for-media-stream${camera === "deny" ? "=deny" : ""}`,
      `--use-file-for-fake-video-capture=${video}`,
    ],
  });
  return browser;
}

const cameraVideo = join(workFolder, "camera.mjpeg");

/**
 * A second of moving camera, as one JPEG after the other: a window that wanders over the photo, or upright bars of plain
 * colours (CSS), from left to right.
 */
export async function makeCameraVideo(browser, url, bars = []) {
  const page = await browser.newPage();
  await page.goto(url);
  const photo = (await readFile(PHOTO)).toString("base64");
  const video = await page.evaluate(async ([photo, bars]) => {
    const bytes = Uint8Array.from(atob(photo), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(640, 480);
    const context = canvas.getContext("2d");
    const frames = [];
    for (let i = 0; i < 30; i += 1) {
      const angle = (2 * Math.PI * i) / 30;
      const [x, y] = [60 + 50 * Math.cos(angle), 20 + 20 * Math.sin(angle)];
      context.drawImage(picture, x, y, 480, 360, 0, 0, 640, 480);
      bars.forEach((color, at) => {
        context.fillStyle = color;
        context.fillRect((640 * at) / bars.length, 0, 640 / bars.length, 480);
      });
      frames.push(await canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 }));
    }
    return new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.split(",")[1]);
      reader.readAsDataURL(new Blob(frames));
    });
  }, [photo, bars]);
  await page.close();
  await writeFile(cameraVideo, Buffer.from(video, "base64"));
}

/**
 * Opens a page and fails the test on any error of it, a broken security policy included.
 * beforeLoad(page) may do what has to be done before the page runs.
 */
export async function openPage(browser, url, { beforeLoad, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 720, height: 480 }, ...options });
  const page = await context.newPage();
  await beforeLoad?.(page);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.stack));
  page.on("console", (message) => {
    const expected = /WebSocket connection|Failed to load resource/; // what a server that is away causes
    if (message.type() === "error" && !expected.test(message.text())) errors.push(message.text());
  });
  await page.goto(url);
  return Object.assign(page, { errors });
}

/** The figures of the page. */
export async function figures(page) {
  const text = (id) => page.locator(`#${id}`).innerText();
  const number = async (id) => Number((await text(id)).replace(/[^0-9.]/g, ""));
  const [fps, points, kilobytes, skipped] = await Promise.all(["fps", "points", "bytes", "skipped"].map(number));
  return { fps, points, kilobytes, skipped, decode: parseFloat(await text("decode")) };
}

/** Waits until check(figures) holds. */
export async function until(page, what, check, timeout = 40_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const now = await figures(page);
    if (check(now)) return now;
    if (Date.now() > end) throw new Error(`waited for ${what}: ${JSON.stringify(now)}`);
    await sleep(100);
  }
}

/** Waits until check() holds, at most `seconds`; else fails with the message of the page. */
export async function eventually(page, what, check, seconds = 20) {
  const end = Date.now() + 1000 * seconds;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`waited for ${what}: ${await page.innerText("#message")}`);
    await sleep(50);
  }
}

/** A figure of the server's /metrics, labels included in its name. */
export async function metric(server, name) {
  const text = await (await fetch(`${server.url}metrics`)).text();
  const line = text.split("\n").find((one) => one.startsWith(`depthcloud_${name} `));
  return Number(line.split(" ").at(-1));
}

/** What the canvas shows, as PNG bytes; the panel is not in it. */
export async function canvasPicture(page) {
  const { width, height } = page.viewportSize();
  return page.screenshot({ clip: { x: 0, y: 60, width: Math.min(width, 440), height: Math.floor(height / 2) - 60 } });
}

/** How far the colours of two PNGs lie apart, in the mean over samples from 0 to 255. */
export async function colorDifference(page, ...pngs) {
  return page.evaluate(
    async (encoded) => {
      const [a, b] = await Promise.all(
        encoded.map(async (base64) => {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          const picture = await createImageBitmap(new Blob([bytes]));
          const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
          context.drawImage(picture, 0, 0);
          return context.getImageData(0, 0, picture.width, picture.height).data;
        }),
      );
      return a.reduce((sum, sample, i) => sum + Math.abs(sample - b[i]), 0) / a.length;
    },
    pngs.map((png) => png.toString("base64")),
  );
}

/** What a button saves: {name, bytes}. */
export async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** What "Save PLY" gives: {name, bytes, header, count, positions, colors}. */
export async function savedPly(page) {
  const file = await saved(page, "#ply");
  return { ...file, ...readPly(file.bytes) };
}

/** Colours of a test pattern, [r, g, b], in bars from left to right. */
const BARS = [
  [200, 40, 40],
  [40, 170, 60],
  [60, 70, 190],
  [180, 180, 180],
];

/** The same for makeCameraVideo. */
export const CSS_BARS = BARS.map((color) => `rgb(${color})`);

/** Checks that the points of the saved cloud have the colours of the bars. */
export async function checkBars(opened, tolerance = 12) {
  const { positions, colors } = await savedPly(opened);
  const across = positions.map(([x, , z]) => x / -z);
  const [left, right] = [Math.min(...across), Math.max(...across)];
  BARS.forEach((expected, bar) => {
    const middle = left + ((right - left) * (bar + 0.5)) / BARS.length;
    const near = colors.filter((_, i) => Math.abs(across[i] - middle) < (right - left) * 0.05);
    const mean = [0, 1, 2].map((channel) => near.reduce((sum, color) => sum + color[channel], 0) / near.length);
    const off = Math.max(...mean.map((value, channel) => Math.abs(value - expected[channel])));
    assert.ok(off < tolerance, `bar ${bar}: ${mean.map(Math.round)} in the place of ${expected}`);
  });
}

/**
 * The number whose bits are upright bars in the picture of a cloud, the lowest on the left, white for 1; undefined where
 * a bar is neither. share: of the picture, from below, that shows the bars. After decoderReady().
 */
export function numberInBars(packet, bits, share = 1) {
  const { positions, colors } = pointsOf(decodeCloud(packet));
  const points = Array.from({ length: positions.length / 3 }, (_, i) => {
    const [x, y, z] = positions.subarray(3 * i, 3 * i + 3);
    return { across: x / -z, up: y / -z, red: colors[3 * i] };
  });
  const range = (key) => points.reduce(([least, most], { [key]: at }) => [Math.min(least, at), Math.max(most, at)], [Infinity, -Infinity]);
  const [left, right] = range("across");
  const [bottom, top] = range("up");
  const sums = Array.from({ length: bits }, () => [0, 0]);
  for (const { across, up, red } of points) {
    if (up - bottom > share * (top - bottom)) continue;
    const place = ((across - left) / (right - left)) * bits;
    const bit = Math.min(bits - 1, Math.floor(place));
    if (Math.abs(place - bit - 0.5) > 0.25) continue; // near an edge
    sums[bit][0] += red;
    sums[bit][1] += 1;
  }
  const means = sums.map(([sum, count]) => sum / count);
  if (means.some((mean) => mean > 80 && mean < 175)) return undefined;
  return means.reduce((number, mean, bit) => number + (mean >= 175 ? 2 ** bit : 0), 0);
}

/** A screenshot that stays in the build folder. */
export async function keepScreenshot(page, name) {
  await page.screenshot({ path: join(DEPTHCLOUD_SCREENSHOTS, `${name}.png`) });
}

/** Drops a file on the page as a hand would. */
export async function dropFile(page, path, type) {
  await dropBytes(page, path.split("/").at(-1), await readFile(path), type);
}

export async function dropBytes(page, name, bytes, type = "") {
  const base64 = Buffer.from(bytes).toString("base64");
  await page.evaluate(
    ({ base64, name, type }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], name, { type }));
      for (const kind of ["dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
      }
    },
    { base64, name, type },
  );
}

/** {header, count, positions, colors} of a binary PLY file. */
function readPly(bytes) {
  const marker = "end_header\n";
  const start = bytes.indexOf(marker) + marker.length;
  const header = bytes.toString("latin1", 0, start);
  const count = Number(/element vertex (\d+)/.exec(header)[1]);
  const positions = [];
  const colors = [];
  for (let at = start; at < bytes.length; at += 15) {
    positions.push([0, 4, 8].map((offset) => bytes.readFloatLE(at + offset)));
    colors.push([...bytes.subarray(at + 12, at + 15)]);
  }
  return { header, count, positions, colors };
}
