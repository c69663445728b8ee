// SPDX-License-Identifier: Apache-2.0
// How frames get to the server, compared over three links, transports in turns in each round:
//   transports.mjs CLIP.y4m [ROUNDS [SECONDS [PATTERN]]]    PATTERN: of the rows that are wanted, LINK: TRANSPORT
//   transports.mjs CLIP.y4m --units OUT.h264    what the page sends of the clip as H.264 over the WebSocket
// Tables as Markdown. In a network namespace of its own, as root. Environment: as tests/apps/viewer/harness.mjs, and
// DEPTHCLOUD_DELAY_LINK.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { decoderReady } from "depthcloud";
import { COTURN_USER, startCoturn } from "../tests/coturn.mjs";
import { numberInBars, openPage, startBrowser, startServerOn, until } from "../tests/harness.mjs";
import { record } from "./recorder.js";
import { ShapedLink, THERE } from "./shaped_link.mjs";

const [clip, ...rest] = process.argv.slice(2);
const WARM_UP = 8; // seconds, in which WebRTC finds the width of the link
const PORT = 8000;
const CLIP = { bars: 10, strip: 48 }; // of clip.py
const STRIP_SHARE = 0.07; // of the picture, from below: what is surely in the strip
const TICK = 100; // of the processor times in /proc, in a second
const MODEL = "constant:2,15";
const FLAGS = ["--model", MODEL, "--process-res", "32", "--insecure", "--webrtc"];
for (const protocol of ["udp", "tcp"]) FLAGS.push("--browser-turn", `turn:${COTURN_USER}@${THERE}:3478?transport=${protocol}`);

const LINKS = [
  { name: "not shaped", delay: 0 },
  { name: "20 Mbit/s, 40 ms there and back", delay: 20, rate: "20mbit" },
  { name: "the same, 1 % of the packets lost", delay: 20, rate: "20mbit", loss: 1 },
];
const TRANSPORTS = [
  { name: "WebSocket, JPEG", choice: "jpeg" },
  { name: "WebSocket, H.264", choice: "video" },
  { name: "WebRTC", choice: "webrtc", path: /^(host|reflexive), UDP$/ },
  { name: "WebRTC, clouds too", choice: "webrtc-channel", path: /^(host|reflexive), UDP$/ },
  { name: "WebRTC by TURN over UDP", choice: "webrtc", relay: "udp", path: /^relay, UDP$/ },
  { name: "WebRTC by TURN over TCP", choice: "webrtc", relay: "tcp", path: /^relay, TCP$/ },
];

process.setMaxListeners(0); // each server and coturn has one
await decoderReady();
const link = new ShapedLink();
const browser = await startBrowser({ video: clip, secure: `http://${THERE}:${PORT}` });
if (rest[0] === "--units") await saveUnits(rest[1]);
else await compare(Number(rest[0] ?? 3), Number(rest[1] ?? 15), new RegExp(rest[2] ?? ""));
await browser.close();
process.exit(0);

async function compare(rounds, seconds, pattern) {
  const results = new Map();
  for (const shape of LINKS) {
    const wanted = TRANSPORTS.filter(({ name }) => pattern.test(`${shape.name}: ${name}`));
    if (wanted.length > 0) results.set(shape, new Map(wanted.map((transport) => [transport, []])));
  }
  const loads = [];
  const others = [];
  for (let round = 0; round < rounds; round += 1) {
    loads.push(loadavg()[0].toFixed(1));
    for (const [shape, rows] of results) {
      await atServer(shape, async (server) => {
        for (const [transport, all] of rows) {
          const result = await measure(server, transport, seconds);
          all.push(result);
          others.push(result.others);
          console.error(`round ${round + 1}: ${shape.name}: ${rowOf(transport, [result])}`);
        }
      });
    }
  }
  const busy = (100 * others.reduce((sum, share) => sum + share, 0)) / others.length;
  console.log(
    `Chromium ${browser.version()}, ${rounds} rounds of ${seconds} s, model ${MODEL}; load before each round ` +
      `${loads.join(", ")}; other programs took ${busy.toFixed(0)} % of a core.`,
  );
  for (const [{ name }, rows] of results) {
    console.log(`\n| ${name} | Mbit/s up | kB a cloud | glass to cloud p50 | p95 | p99 | skipped | browser, server, relay: % of a core | picture |`);
    console.log("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (const [transport, all] of rows) console.log(rowOf(transport, all));
  }
}

/** Runs use(server) with a server and coturn at the other end of a link. */
async function atServer(shape, use) {
  await link.up(shape);
  const coturn = startCoturn(THERE, link.inside);
  const server = await startServerOn(THERE, link.inside, PORT, ...FLAGS);
  try {
    await use(server);
  } finally {
    await server.stop();
    coturn.kill("SIGKILL");
    await link.down();
  }
}

async function open(server, { choice, relay }) {
  const page = await openPage(browser, server.url, {
    viewport: { width: 320, height: 240 },
    beforeLoad: (it) => it.addInitScript(record, { ...CLIP, relay }),
  });
  // Few points, so that what comes down does not matter; colours come back, with the number of the frame.
  await page.evaluate(() => {
    const set = (id, value, event) => {
      const input = document.getElementById(id);
      input.value = value;
      input.dispatchEvent(new Event(event));
    };
    set("density", "8", "input");
    set("encoding", "q16", "change");
  });
  await page.evaluate((value) => {
    const select = document.getElementById("transport");
    select.value = value;
    select.dispatchEvent(new Event("change"));
    document.getElementById("camera").click();
  }, choice);
  await until(page, "clouds", ({ fps }) => fps > 0);
  return page;
}

async function measure(server, transport, seconds) {
  const page = await open(server, transport);
  await sleep(WARM_UP * 1000);
  const path = await page.innerText("#path");
  if (transport.path && !transport.path.test(path)) throw new Error(`${transport.name} goes by ${path}`);
  const chosen = await page.inputValue("#transport");
  if (chosen !== transport.choice) throw new Error(`${transport.name}: ${chosen}, ${await page.innerText("#message")}`);
  const from = await page.evaluate(() => performance.now());
  const before = { bytes: link.sentBytes, processors: processorTimes(), time: performance.now() };
  await sleep(seconds * 1000);
  const after = { bytes: link.sentBytes, processors: processorTimes(), time: performance.now() };
  const to = await page.evaluate(() => performance.now());
  await sleep(2000); // clouds that are still on their way
  const { captured, clouds, width } = await page.evaluate((start) => window.report(start), from);
  if (page.errors.length > 0) throw new Error(page.errors.join("\n"));
  await page.context().close();

  const elapsed = (after.time - before.time) / 1000;
  const spent = (kind) => (after.processors[kind] - before.processors[kind]) / TICK / elapsed;
  const frames = captured.filter(({ at }) => at < to);
  return {
    seconds: elapsed,
    megabits: ((after.bytes - before.bytes) * 8) / 1e6 / elapsed,
    frames: frames.length,
    ...matched(frames, captured, clouds),
    processors: [spent("browser"), spent("server"), spent("relay")],
    others: spent("others"),
    width,
  };
}

/** {latencies: ms, answered, unread} of the frames. */
function matched(frames, captured, clouds) {
  const latencies = [];
  const answered = new Set();
  let unread = 0;
  for (const { at, packet } of clouds) {
    const bytes = Buffer.from(packet, "base64");
    const number = numberInBars(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), CLIP.bars, STRIP_SHARE);
    if (number === undefined) unread += 1;
    const frame = captured.findLast((one) => one.number === number && one.at <= at);
    if (!frame || !frames.includes(frame) || answered.has(frame)) continue;
    answered.add(frame);
    latencies.push(at - frame.at);
  }
  return { latencies, answered: answered.size, unread };
}

/** Ticks of the processors so far by kind of program; others: what is not of this program and its children. */
function processorTimes() {
  const [total, ...cores] = readFileSync("/proc/stat", "utf8").split("\n").filter((line) => line.startsWith("cpu"));
  const [user, nice, system, , , irq, softirq] = total.split(/\s+/).slice(1).map(Number);
  const processes = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
      processes.set(Number(pid), { name, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) });
    } catch {
      // it has ended meanwhile
    }
  }
  const times = { browser: 0, server: 0, relay: 0, others: user + nice + system + irq + softirq, cores: cores.length };
  const isOurs = (pid) => pid === process.pid || (processes.has(pid) && isOurs(processes.get(pid).parent));
  for (const [pid, { name, ticks }] of processes) {
    if (!isOurs(pid)) continue;
    times.others -= ticks;
    if (/^chrom/.test(name)) times.browser += ticks;
    else if (/^depthcloud-ser/.test(name)) times.server += ticks;
    else if (/^turnserver/.test(name)) times.relay += ticks;
  }
  return times;
}

function rowOf({ name }, results) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const of = (key) => mean(results.map((result) => result[key]));
  const latencies = results.flatMap((result) => result.latencies).sort((a, b) => a - b);
  const quantile = (share) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))];
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(share)?.toFixed(0) ?? "–");
  const skipped = 100 * (1 - of("answered") / of("frames"));
  const processors = [0, 1, 2].map((i) => (100 * mean(results.map((result) => result.processors[i]))).toFixed(0));
  const widths = [...new Set(results.map(({ width }) => width || 640))].join(", ");
  const kilobytes = (of("megabits") * of("seconds") * 1000) / 8 / of("answered");
  return `| ${name} | ${of("megabits").toFixed(2)} | ${kilobytes.toFixed(1)} | ${p50} ms | ${p95} ms | ${p99} ms | ${skipped.toFixed(0)} % | ${processors.join(", ")} | ${widths} |`;
}

async function saveUnits(file) {
  await atServer(LINKS[0], async (server) => {
    const page = await open(server, TRANSPORTS[1]);
    await sleep(12_000);
    writeFileSync(file, Buffer.from(await page.evaluate(() => window.reportUnits()), "base64"));
    await page.context().close();
  });
}
