// SPDX-License-Identifier: Apache-2.0
// The real server for tests in JavaScript.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const { DEPTHCLOUD_SERVER } = process.env;

if (!DEPTHCLOUD_SERVER) {
  console.log("skipped: the server is not built");
  process.exit(77);
}

export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Runs the server until stop(); ready when it says so. */
export function startServer(port, ...flags) {
  return startServerOn("127.0.0.1", [], port, ...flags);
}

/** The same on another address; `launcher`: words of a command line before that of the server. */
export async function startServerOn(host, launcher, port, ...flags) {
  const [program, ...words] = [...launcher, DEPTHCLOUD_SERVER, "--host", host, "--port", String(port), ...flags];
  const server = spawn(program, words, {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const exited = new Promise((resolve) => server.once("exit", (code, signal) => resolve(code ?? signal)));
  process.once("exit", () => server.kill("SIGKILL"));
  const stop = async (signal = "SIGTERM") => {
    server.kill(signal);
    return exited;
  };
  const url = `http://${host}:${port}/`;
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    const answer = await fetch(`${url}readyz`).catch(() => null);
    if (answer?.ok) return { url, stop };
    await sleep(100);
  }
  throw new Error("the server did not become ready");
}
