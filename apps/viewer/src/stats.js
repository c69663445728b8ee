// SPDX-License-Identifier: Apache-2.0
// Figures over the last seconds: what a viewer feels is the tail, not the mean.

const WINDOW_MS = 5000;

export class RecentValues {
  #times = [];
  #values = [];

  add(value, now = performance.now()) {
    this.#times.push(now);
    this.#values.push(value);
    this.#trim(now);
  }

  /** Value at a share (0.5: the median) of the window, or undefined when nothing came. */
  quantile(share, now = performance.now()) {
    this.#trim(now);
    const sorted = [...this.#values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  }

  get last() {
    return this.#values.at(-1);
  }

  /** Values a second. */
  rate(now = performance.now()) {
    this.#trim(now);
    if (this.#times.length < 2) return 0;
    const span = Math.max(now, this.#times.at(-1)) - this.#times[0];
    return ((this.#times.length - 1) * 1000) / span;
  }

  /** Of a value that only grows: how much in a second. */
  growth(now = performance.now()) {
    this.#trim(now);
    const span = this.#times.at(-1) - this.#times[0];
    return span > 0 ? ((this.#values.at(-1) - this.#values[0]) * 1000) / span : 0;
  }

  clear() {
    this.#times = [];
    this.#values = [];
  }

  #trim(now) {
    const first = this.#times.findIndex((time) => time >= now - WINDOW_MS);
    const expired = first < 0 ? this.#times.length : first;
    this.#times.splice(0, expired);
    this.#values.splice(0, expired);
  }
}
