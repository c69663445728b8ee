// SPDX-License-Identifier: Apache-2.0
// Debian's coturn, with the configuration in docs/server.md.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { workFolder } from "./harness.mjs";

export const COTURN_USER = "viewer:secret";

/** Runs until it is killed; `launcher`: words of a command line before its own. */
export function startCoturn(address, launcher) {
  const file = join(workFolder, "turnserver.conf");
  const lines = ["listening-port=3478", `listening-ip=${address}`, `relay-ip=${address}`];
  lines.push("min-port=50200", "max-port=50299", "lt-cred-mech", "realm=depthcloud", `user=${COTURN_USER}`);
  lines.push("no-tls", "no-dtls", "no-cli", "fingerprint", "log-file=stdout");
  lines.push(`pidfile=${join(workFolder, "turn.pid")}`, `userdb=${join(workFolder, "turn.db")}`);
  writeFileSync(file, `${lines.join("\n")}\n`);
  const [program, ...words] = [...launcher, "turnserver", "-c", file];
  const coturn = spawn(program, words, { stdio: "ignore" });
  process.on("exit", () => coturn.kill("SIGKILL"));
  return coturn;
}
