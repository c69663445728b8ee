// SPDX-License-Identifier: Apache-2.0
// A link between this network namespace and another one, that may be slow, narrow and lossy in both directions. Packets
// take their time in depthcloud_delay_link, wait for their turn in tbf and are lost by nftables. Needs root.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

export const HERE = "10.213.78.1";
export const THERE = "10.213.78.2";
const ENDS = { here: "dcl-here", there: "dcl-there" };

export class ShapedLink {
  #space = `depthcloud-link-${process.pid}`;
  #relay = null;

  constructor() {
    run("ip", "link", "set", "lo", "up");
    run("ip", "netns", "add", this.#space);
    process.on("exit", () => {
      this.#relay?.kill("SIGKILL");
      spawnSync("ip", ["netns", "del", this.#space]);
    });
    run(...this.inside, "ip", "link", "set", "lo", "up");
  }

  /** Words before a command line that is to run at the other end, where the address is THERE. */
  get inside() {
    return ["ip", "netns", "exec", this.#space];
  }

  /** delay: ms one way. rate: as tc takes it, or undefined. loss: percent of the packets, each way. */
  async up({ delay, rate, loss = 0 }) {
    const program = process.env.DEPTHCLOUD_DELAY_LINK;
    this.#relay = spawn(program, [this.#space, ENDS.here, ENDS.there, String(delay)], { stdio: ["ignore", "pipe", "inherit"] });
    const [said] = await Promise.race([once(this.#relay.stdout, "data"), once(this.#relay, "exit")]);
    if (!String(said).startsWith("ready")) throw new Error("the link does not come up");
    for (const [words, end, own, other] of [
      [[], ENDS.here, HERE, THERE],
      [this.inside, ENDS.there, THERE, HERE],
    ]) {
      run(...words, "ip", "addr", "add", own, "peer", other, "dev", end);
      run(...words, "ip", "link", "set", end, "up");
      if (rate) run(...words, "tc", "qdisc", "add", "dev", end, "root", "tbf", "rate", rate, "burst", "32kb", "latency", "100ms");
      if (loss > 0) {
        const rule = `iifname "${end}" numgen random mod 1000 < ${Math.round(10 * loss)} drop`;
        const chain = "chain inet loss in { type filter hook input priority 0; }";
        run(...words, "nft", `add table inet loss; add ${chain}; add rule inet loss in ${rule}`);
      }
    }
  }

  /** Bytes that went into the link here so far, headers of IP included. */
  get sentBytes() {
    return JSON.parse(run("ip", "-json", "-stats", "link", "show", ENDS.here))[0].stats64.tx.bytes;
  }

  /** Both interfaces go, and what was set for them. */
  async down() {
    this.#relay.kill("SIGKILL");
    await once(this.#relay, "exit");
    this.#relay = null;
    for (const words of [[], this.inside]) run(...words, "nft", "flush ruleset");
  }
}

function run(...words) {
  return execFileSync(words[0], words.slice(1), { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}
