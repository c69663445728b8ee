// SPDX-License-Identifier: Apache-2.0
// What the page offers around a cloud: landmarks, measuring, pictures, keys, files and advice.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { encode } from "@msgpack/msgpack";
import {
  PHOTO,
  canvasPicture,
  colorDifference,
  dropBytes,
  dropFile,
  figures,
  freePort,
  keepScreenshot,
  openPage,
  saved,
  savedPly,
  startBrowser,
  startServer,
  until,
} from "./harness.mjs";

const FLAGS = ["--model", "constant:2", "--process-res", "256"];
const SIZE = { width: 720, height: 480 };

let port;
let server;
let browser;
let page;

before(async () => {
  port = await freePort();
  [server, browser] = await Promise.all([startServer(port, ...FLAGS), startBrowser()]);
  page = await openPage(browser, server.url);
  await page.waitForSelector("#state[data-state=open]");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const advice = (text) =>
  page.waitForFunction((part) => document.getElementById("guide").innerText.includes(part), text);
const noAdvice = () => page.waitForSelector("#guide", { state: "hidden" });
const measured = () => page.innerText("#measured");

/** How far the canvas has changed once act() is done. */
async function changed(act) {
  const before = await canvasPicture(page);
  await act();
  await sleep(300);
  return colorDifference(page, before, await canvasPicture(page));
}

test("an empty page says how to begin, and the cloud takes its place", async () => {
  await advice("Open the camera, or drop a photo or video here.");
  for (const id of ["measure", "picture", "ply"]) assert.ok(await page.isDisabled(`#${id}`));
  await dropFile(page, PHOTO, "image/jpeg");
  await until(page, "the photo's cloud", ({ points }) => points > 1000);
  await noAdvice();
});

test("the grid is seen before there is a cloud", async () => {
  const other = await openPage(browser, server.url);
  await other.waitForSelector("#state[data-state=open]");
  const before = await canvasPicture(other);
  await other.click("#grid");
  await sleep(300);
  assert.ok((await colorDifference(other, before, await canvasPicture(other))) > 0.1);
  await other.context().close();
});

test("grid, axes and what the camera saw are there when asked for", async () => {
  assert.ok((await changed(() => page.click("#grid"))) > 0.1);
  assert.match(await page.innerText("#grid-cell"), /^cells of 0\.\d+ m$/);
  assert.ok((await changed(() => page.click("#frustum"))) > 0.1);
  await keepScreenshot(page, "landmarks");
  await page.click("#grid");
  await page.click("#frustum");
  assert.equal(await page.innerText("#grid-cell"), "");
});

test("the distance between two points is measured", async () => {
  await page.click("#measure");
  assert.equal(await measured(), "Pick two points.");
  const [y, from, to] = [240, 250, 400];
  await page.mouse.click(from, y);
  assert.equal(await measured(), "Pick the second point.");
  await page.mouse.click(to, y);
  // The plane at depth 2 is seen from 0.5 behind its camera, 50 degrees high.
  const expected = ((to - from) * 2 * 2.5 * Math.tan((25 * Math.PI) / 180)) / SIZE.height;
  const distance = Number(/^Distance ([\d.]+) m$/.exec(await measured())[1]);
  assert.ok(Math.abs(distance / expected - 1) < 0.05, `${distance}, not ${expected}`);
  assert.equal(await page.innerText("#distance"), `${distance.toFixed(3)} m`);
  const label = await page.locator("#distance").boundingBox();
  assert.ok(Math.abs(label.x - (from + to) / 2) < 10 && Math.abs(label.y - y) < 40, JSON.stringify(label));
  await keepScreenshot(page, "measured");
});

test("a picture holds what is shown, the distance included", async () => {
  const { name, bytes } = await saved(page, "#picture");
  assert.match(name, /^cloud-.*\.png$/);
  assert.equal(bytes.readUInt32BE(16), SIZE.width);
  assert.equal(bytes.readUInt32BE(20), SIZE.height);
  const label = { x: 295, y: 226, width: 60, height: 12 }; // above the line
  const shown = await pixelsOf(bytes, label);
  await page.click("#measure"); // without the line and the label
  assert.ok(await page.isHidden("#distance"));
  const { bytes: unmarked } = await saved(page, "#picture");
  const plain = await pixelsOf(unmarked, label);
  assert.ok(shown.yellow > plain.yellow + 20, `yellow pixels: ${shown.yellow}, then ${plain.yellow}`);
  assert.ok((await pixelsOf(unmarked, { x: 0, y: 0, ...SIZE })).colors > 500);
});

/** How many pixels of a part of a PNG have the ruler's colour, and how many colours it has. */
async function pixelsOf(png, part) {
  return page.evaluate(
    async ({ base64, x, y, width, height }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes]));
      const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
      context.drawImage(picture, 0, 0);
      const { data } = context.getImageData(x, y, width, height);
      const colors = new Map();
      for (let i = 0; i < data.length; i += 4) {
        const color = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
        colors.set(color, (colors.get(color) ?? 0) + 1);
      }
      return { yellow: colors.get(0xffd33d) ?? 0, colors: colors.size };
    },
    { base64: png.toString("base64"), ...part },
  );
}

test("every control is reached by Tab, and shows that it is", async () => {
  const wanted = await page.evaluate(() => {
    document.getElementById("view").focus();
    const all = document.querySelectorAll("canvas, a, button, input, select, summary");
    return [...all].filter((it) => !it.disabled && it.checkVisibility()).map((it) => it.id || it.innerText);
  });
  const reached = new Set();
  for (let i = 0; i <= wanted.length; i += 1) {
    const { name, isMarked } = await page.evaluate(() => {
      const it = document.activeElement;
      if (it === document.body) return { name: "", isMarked: true }; // the browser's own controls follow
      const marked = it.closest(".button") ?? it;
      return { name: it.id || it.innerText, isMarked: getComputedStyle(marked).outlineStyle !== "none" };
    });
    if (i > 0) assert.ok(isMarked, `${name} does not show its focus`);
    reached.add(name);
    await page.keyboard.press("Tab");
  }
  assert.deepEqual(
    wanted.filter((name) => !reached.has(name)),
    [],
  );
});

test("keys turn, move and measure", async () => {
  await page.click("#reset");
  await page.locator("#view").focus();
  const press =
    (...keys) =>
    async () => {
      for (const key of keys) await page.keyboard.press(key);
    };
  for (const keys of [["ArrowLeft"], ["ArrowDown"], ["Shift+ArrowLeft"], ["+"], ["-", "-"], ["g"], ["c"]]) {
    assert.ok((await changed(press(...keys))) > 0.05, keys.join());
  }
  await press("g", "c", "r")();
  await press("m", "Enter", "ArrowLeft", "ArrowLeft", "Enter")();
  assert.match(await measured(), /^Distance [\d.]+ m$/);
  await press("Escape")();
  assert.ok(await page.isHidden("#measured"));
  assert.match(
    (await Promise.all([page.waitForEvent("download"), press("p")()]))[0].suggestedFilename(),
    /\.png$/,
  );
  assert.match(
    (await Promise.all([page.waitForEvent("download"), press("s")()]))[0].suggestedFilename(),
    /\.ply$/,
  );
  await page.locator("#point-size").focus(); // a slider has arrow keys of its own
  assert.equal(await page.inputValue("#point-size"), "1.3");
  await press("ArrowRight")();
  assert.equal(await page.inputValue("#point-size"), "1.4");
});

test("help lists the keys", async () => {
  await page.keyboard.press("?");
  const text = await page.innerText("#help");
  for (const key of ["arrow keys", "Shift", "+", "R", "G, C", "M,", "Enter", "Escape", "P, S", "?"]) {
    assert.ok(text.includes(key), key);
  }
  await keepScreenshot(page, "help");
  await page.keyboard.press("Escape");
  assert.ok(await page.isHidden("#help"));
});

test("a view without a point says how to come back", async () => {
  await page.locator("#view").focus();
  for (let i = 0; i < 30; i += 1) await page.keyboard.press("Shift+ArrowLeft");
  await advice("No point is in view.");
  await page.keyboard.press("r");
  await noAdvice();
});

test("a saved cloud opens again, and is the same", async () => {
  const before = await savedPly(page);
  await dropBytes(page, "cloud.ply", before.bytes);
  await until(page, "the file's cloud", ({ kilobytes }) => Math.abs(1000 * kilobytes - before.bytes.length) < 100);
  const again = await savedPly(page);
  assert.deepEqual(again.bytes, before.bytes);
  for (const id of ["density", "confidence", "encoding"]) assert.ok(await page.isDisabled(`#${id}`));
});

test("a message and a PCD file open, one that is broken is told by name", async () => {
  const points = new Float32Array(300).map((_, i) => (i % 3 === 2 ? 5 + (i % 7) : (i % 11) - 5));
  const message = encode({
    type: "pointcloud",
    num_points: 100,
    points: new Uint8Array(points.buffer),
    colors: new Uint8Array(300).fill(120),
    is_metric: true,
  });
  await dropBytes(page, "cloud.msgpack", message);
  await until(page, "100 points", (now) => now.points === 100);
  await page.click("#grid");
  assert.match(await page.innerText("#grid-cell"), /^cells of \d+ m$/); // the message says metres
  await page.click("#grid");
  const rows = Array.from({ length: 50 }, (_, i) => `${100 + (i % 5)} ${i} ${i % 3}`); // not before its origin
  const pcd = `VERSION 0.7\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 50\nHEIGHT 1\nPOINTS 50\nDATA ascii\n${rows.join("\n")}\n`;
  await dropBytes(page, "scan.pcd", Buffer.from(pcd));
  await until(page, "50 points", (now) => now.points === 50);
  await sleep(500);
  await noAdvice(); // it is in view
  await page.setInputFiles("#file", { name: "<i>.ply", mimeType: "", buffer: Buffer.from("ply") });
  await page.waitForSelector("#message:not([hidden])");
  assert.equal(await page.innerText("#message"), "<i>.ply: no PLY file");
  assert.equal((await figures(page)).points, 50);
});

test("a photo after a file is live again", async () => {
  await dropFile(page, PHOTO, "image/jpeg");
  await until(page, "the photo's cloud", ({ points }) => points > 1000);
  assert.ok(await page.isEnabled("#density"));
});

test("the page for several cameras says where files open", async () => {
  const rig = await openPage(browser, `${server.url}rig`);
  assert.match(await rig.innerText("#guide"), /Waiting for cameras\./);
  await dropBytes(rig, "cloud.ply", Buffer.from("ply"));
  await rig.waitForSelector("#message:not([hidden])");
  assert.match(await rig.innerText("#message"), /^cloud\.ply: the page for one camera shows such files$/);
  assert.deepEqual(rig.errors, []);
  await rig.context().close();
});

test("a photo beyond the server's limits is sent smaller", async (context) => {
  const small = await startServer(
    await freePort(),
    ...FLAGS,
    "--max-binary-bytes",
    "20000",
    "--max-pixels",
    "90000",
  );
  context.after(() => small.stop());
  const other = await openPage(browser, small.url);
  await other.waitForSelector("#state[data-state=open]");
  await other.evaluate(() => {
    const send = WebSocket.prototype.send;
    window.sizes = [];
    window.said = [];
    const line = document.getElementById("message");
    new MutationObserver(() => window.said.push(line.textContent)).observe(line, { childList: true });
    WebSocket.prototype.send = function (data) {
      if (typeof data !== "string") window.sizes.push(data.byteLength);
      return send.call(this, data);
    };
  });
  await dropFile(other, PHOTO, "image/jpeg");
  await until(other, "its cloud", ({ points }) => points > 1000);
  const sent = await other.evaluate(() => window.sizes);
  assert.ok(sent.length > 0 && sent.every((size) => size > 10_000 && size <= 20_000), String(sent));
  await other.locator("#density").fill("4"); // asks for the photo again, which is not made smaller again
  await until(other, "fewer points", ({ points }) => points < 5000);
  const said = (await other.evaluate(() => window.said)).filter((text) => text.includes("being made smaller"));
  assert.deepEqual(said, ["coffee.jpg is more than the server takes. It is being made smaller …"]);
  assert.equal(await other.getAttribute("#message", "data-kind"), "note");
  assert.match(
    await other.innerText("#message"),
    /^coffee\.jpg \(600 × 400 pixels, 0\.\d MB\) is more than the server takes/,
  );
  assert.equal(await other.getAttribute("#state", "data-state"), "open");
  assert.deepEqual(other.errors, []);
  await other.context().close();
});

test("a server that is away, and comes back", async () => {
  await page.click("#stop");
  const other = await openPage(browser, server.url);
  await other.waitForSelector("#state[data-state=open]");
  await server.stop();
  await other.waitForFunction(() =>
    document.getElementById("guide").innerText.startsWith("Not connected to the server."),
  );
  assert.match(await other.innerText("#guide"), /See whether depthcloud-server runs/);
  assert.doesNotMatch(await other.innerText("#state"), /[.?!]\./);
  await keepScreenshot(other, "not-connected");
  server = await startServer(port, ...FLAGS);
  await other.waitForFunction(
    () => document.getElementById("guide").innerText.startsWith("Open the camera"),
    null,
    { timeout: 30_000 },
  );
  assert.deepEqual(other.errors, []);
  await other.context().close();
});

test("files with a cloud open while the server is away", async () => {
  const gone = await startServer(await freePort(), ...FLAGS);
  const other = await openPage(browser, gone.url);
  await other.waitForSelector("#state[data-state=open]");
  await gone.stop();
  const cloud = ["0 0 1", "1 0 1", "0 1 1"].join("\n");
  const ply = `ply\nformat ascii 1.0\nelement vertex 3\n${["x", "y", "z"].map((axis) => `property float ${axis}\n`).join("")}end_header\n${cloud}\n`;
  for (const name of ["a.ply", "b.ply"]) {
    await dropBytes(other, name, Buffer.from(ply)); // the reader came with the page
    await until(other, "the file's cloud", ({ points }) => points === 3);
  }
  await dropBytes(other, "c.ply", Buffer.from(ply.replace("vertex 3", "vertex 0")));
  await other.waitForSelector("#message:not([hidden])");
  assert.match(await other.innerText("#message"), /^c\.ply: the file has no points/);
  await other.context().close();
});

test("filters that leave no point are named", async (context) => {
  const filtering = await startServer(await freePort(), ...FLAGS, "--min-depth", "5");
  context.after(() => filtering.stop());
  const other = await openPage(browser, filtering.url);
  await other.waitForSelector("#state[data-state=open]");
  await dropFile(other, PHOTO, "image/jpeg");
  await other.waitForFunction(() => document.getElementById("guide").innerText.startsWith("Filters leave no point."));
  assert.match(await other.innerText("#guide"), /min_depth 5/);
  assert.deepEqual(other.errors, []);
  await other.context().close();
});

test("a part of the page that does not load is no lack of memory", async () => {
  const other = await openPage(browser, server.url, {
    beforeLoad: (page) => page.route("**/file-worker.js", (route) => route.abort()),
  });
  await other.waitForSelector("#state[data-state=open]");
  await dropBytes(other, "cloud.ply", Buffer.from("ply"));
  await other.waitForSelector("#message:not([hidden])");
  assert.match(await other.innerText("#message"), /^cloud\.ply: the part of this page that reads files did not load/);
  await other.context().close();
});

test("settings without effect are told, and confidence that there is not is not offered", async () => {
  const notes = ["confidence_percentile has no effect: this network gives no confidence"];
  const other = await openPage(browser, server.url, {
    beforeLoad: (page) =>
      page.addInitScript((notes) => {
        const given = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage").set;
        Object.defineProperty(WebSocket.prototype, "onmessage", {
          set(handle) {
            given.call(this, (event) => {
              const isAnswer = typeof event.data === "string" && JSON.parse(event.data).type === "configured";
              handle(isAnswer ? { data: JSON.stringify({ ...JSON.parse(event.data), notes }) } : event);
            });
          },
        });
      }, notes),
  });
  await other.waitForSelector("#message:not([hidden])");
  assert.equal(await other.innerText("#message"), notes[0]);
  assert.ok(await other.isDisabled("#confidence"));
  assert.ok(await other.isEnabled("#density"));
  assert.equal(await other.innerText("output[for=confidence]"), "the network gives none");
  await other.context().close();
});

test("a browser without WebGL is told so", async () => {
  const plain = await startBrowser({ webgl: false });
  for (const address of [server.url, `${server.url}rig`]) {
    const other = await openPage(plain, address);
    await other.waitForSelector("#guide:not([hidden])");
    assert.match(
      await other.innerText("#guide"),
      /^This browser cannot draw clouds: it has no WebGL 2\.\n[^]*hardware acceleration/,
    );
    assert.equal(await other.innerText("#state"), "This browser has no WebGL 2");
    assert.ok(await other.isHidden("#panel"));
    await keepScreenshot(other, "no-webgl");
    assert.deepEqual(other.errors, []);
  }
  await plain.close();
});

test("a graphics driver that stops is told, and comes back", async () => {
  await page.evaluate(() => {
    window.lost = document.getElementById("view").getContext("webgl2").getExtension("WEBGL_lose_context");
    window.lost.loseContext();
  });
  await advice("The graphics driver stopped.");
  await page.evaluate(() => window.lost.restoreContext());
  await noAdvice();
});

test("the page had no error in all this", () => assert.deepEqual(page.errors, []));
