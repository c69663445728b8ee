// SPDX-License-Identifier: Apache-2.0
// WebRTC to a server behind a firewall that drops UDP, through coturn, and over a link that becomes narrow. The server
// and coturn run in a network namespace, which takes root.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { COTURN_USER, startCoturn } from "./coturn.mjs";
import { eventually, makeCameraVideo, openPage, startBrowser, startServerOn } from "./harness.mjs";

const SPACE = `depthcloud-${process.pid}`;
const OUTER = `dcv${process.pid % 100_000}`; // an interface's name has 15 letters at most
const HERE = "10.213.77.1";
const THERE = "10.213.77.2";
const PORT = 8000;
const RELAY = `turn:${COTURN_USER}@${THERE}:3478?transport=tcp`;
const FLAGS = ["--model", "constant:2", "--process-res", "128", "--insecure", "--webrtc", "--idle-timeout", "20"];
const inside = ["ip", "netns", "exec", SPACE];

let browser;
let server;
let coturn;
let page;

const run = (...words) => execFileSync(words[0], words.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
const skip = (why) => {
  console.log(`skipped: ${why}`);
  process.exit(77);
};

function makeNetwork() {
  for (const program of ["ip", "nft", "tc", "turnserver"]) {
    if (spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0) skip(`no ${program}`);
  }
  try {
    run("ip", "netns", "add", SPACE);
    process.on("exit", () => spawnSync("ip", ["netns", "del", SPACE]));
    run("ip", "link", "add", OUTER, "type", "veth", "peer", "name", "inner", "netns", SPACE);
    run("ip", "addr", "add", `${HERE}/24`, "dev", OUTER);
    run("ip", "link", "set", OUTER, "up");
    run(...inside, "ip", "addr", "add", `${THERE}/24`, "dev", "inner");
    run(...inside, "ip", "link", "set", "inner", "up");
    run(...inside, "ip", "link", "set", "lo", "up");
  } catch (error) {
    skip(`no network namespace: ${error.stderr}`);
  }
}

const dropUdp = () =>
  run(
    ...inside,
    "nft",
    "add table inet wall; add chain inet wall in { type filter hook input priority 0; }; " +
      "add chain inet wall out { type filter hook output priority 0; }; " +
      'add rule inet wall in iifname "inner" meta l4proto udp drop; ' +
      'add rule inet wall out oifname "inner" meta l4proto udp drop',
  );
const allowUdp = () => run(...inside, "nft", "delete table inet wall");

before(async () => {
  makeNetwork();
  coturn = startCoturn(THERE, inside);
  server = await startServerOn(THERE, inside, PORT, ...FLAGS, "--turn", RELAY);
  browser = await startBrowser({ secure: `http://${THERE}:${PORT}` });
  await makeCameraVideo(browser, server.url);
  page = await openPage(browser, server.url);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  coturn?.kill();
});

const path = () => page.innerText("#path");
const up = async () => Number(await page.innerText("#up"));
const clouds = async () => Number(await page.innerText("#fps"));

test("where UDP is dropped, WebRTC comes up by TURN over TCP", async () => {
  dropUdp();
  await page.selectOption("#transport", "webrtc");
  await page.click("#camera");
  await eventually(page, "a relay", async () => (await path()) === "relay, TCP", 30);
  await eventually(page, "clouds", async () => (await clouds()) > 1, 30);
  await page.selectOption("#transport", "jpeg");
  allowUdp();
});

test("the bitrate falls when the link narrows", async () => {
  await page.selectOption("#transport", "webrtc");
  await eventually(page, "a straight way", async () => /^(host|reflexive), UDP$/.test(await path()), 30);
  await eventually(page, "a high bitrate", async () => (await up()) > 1, 60);
  run("tc", "qdisc", "add", "dev", OUTER, "root", "tbf", "rate", "300kbit", "burst", "8k", "latency", "200ms");
  await eventually(page, "a low bitrate", async () => (await up()) < 0.4, 40);
  const later = [];
  for (let second = 0; second < 5; second += 1) {
    await sleep(1000);
    later.push(await up());
  }
  assert.ok(later.every((rate) => rate < 0.6), `it grew again: ${later}`);
  assert.match(await path(), /UDP$/);
  await eventually(page, "clouds", async () => (await clouds()) > 1, 30);
  run("tc", "qdisc", "del", "dev", OUTER, "root");
});
