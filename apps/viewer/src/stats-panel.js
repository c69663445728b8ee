// SPDX-License-Identifier: Apache-2.0
// The figures beside the cloud.

import { element } from "./element.js";
import { RecentValues } from "./stats.js";

const REFRESH_MS = 250;

export class StatsPanel {
  #latencies = new RecentValues();
  #decodes = new RecentValues();
  #bytes = new RecentValues();
  #points = 0;
  #traffic = [];

  /** skipped(): how many frames gave no cloud so far. connections: whose bytes count. */
  constructor(skipped, connections) {
    const sum = (key) => connections.reduce((bytes, connection) => bytes + connection[key], 0);
    this.#traffic = [
      ["up", () => sum("sentBytes"), new RecentValues()],
      ["down", () => sum("receivedBytes"), new RecentValues()],
    ];
    setInterval(() => this.#refresh(skipped()), REFRESH_MS);
  }

  /** A cloud was drawn; latency in ms when its frame was of this page. */
  drawn({ bytes, count, decodeMs }, latency) {
    this.#bytes.add(bytes);
    this.#decodes.add(decodeMs);
    if (latency !== undefined) this.#latencies.add(latency);
    this.#points = count;
  }

  #refresh(skipped) {
    element("fps").textContent = this.#bytes.rate().toFixed(1);
    element("points").textContent = this.#points.toLocaleString("en");
    const bytes = this.#bytes.quantile(0.5);
    if (bytes !== undefined) element("bytes").textContent = (bytes / 1000).toFixed(1);
    element("skipped").textContent = skipped;
    for (const [id, bytes, values] of this.#traffic) {
      values.add(bytes());
      element(id).textContent = ((values.growth() * 8) / 1e6).toFixed(2);
    }
    element("decode").textContent = milliseconds(this.#decodes.quantile(0.5), 1);
    const latency = document.getElementById("latency"); // only where frames are this page's own
    if (!latency) return;
    const [p50, p95] = [0.5, 0.95].map((share) => milliseconds(this.#latencies.quantile(share)));
    latency.textContent = p50 === "–" ? p50 : `${p50} / ${p95}`;
  }
}

function milliseconds(value, digits = 0) {
  return value === undefined ? "–" : `${value.toFixed(digits)} ms`;
}
