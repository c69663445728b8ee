// SPDX-License-Identifier: Apache-2.0
// What the program wire_messages writes: the bytes of each file.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function wireMessages() {
  const folder = mkdtempSync(join(tmpdir(), "depthcloud-messages-"));
  try {
    execFileSync(process.env.DEPTHCLOUD_WIRE_MESSAGES, [folder]);
    return Object.fromEntries(readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
