// SPDX-License-Identifier: Apache-2.0
// How many bits a video may have and how large its pictures are: less when the link or the server falls behind, more
// again when they keep up.

const STEP_MS = 500; // between two changes: the last one has to show first
const DOWN = 0.7;
const UP = 1.1;
const CALM_MS = 2000; // without trouble, before it goes up again
const LATE_BYTES_MS = 150; // what waits in the browser may take so long at the present rate
const FULL_BYTES_MS = 500; // beyond, frames are left out
const LATE_MS = 150; // a latency this far above twice the lowest one is trouble
const LOWEST_WINDOW_MS = 20_000;
const SCALES = [1, 0.75, 0.5, 0.375];
const POOR = 0.045; // bits a pixel, below which smaller pictures look better
const RICH = 0.09; // bits a pixel at the next size, above which that size is worth it
const BEST = 0.25; // bits a pixel, beyond which hardly anything is gained

export class RateControl {
  #least;
  #most;
  #frameRate;
  #pixels = 640 * 480; // of a picture at scale 1
  #bitrate;
  #step = 0;
  #changedAt = -Infinity;
  #troubleAt = -Infinity;
  #latencies = []; // {now, ms} of the last seconds
  #isLate = false;

  constructor({ minBitrate = 150_000, maxBitrate = 8_000_000, frameRate = 30 } = {}) {
    this.#least = minBitrate;
    this.#most = maxBitrate;
    this.#frameRate = frameRate;
    this.#bitrate = this.#ceiling;
  }

  get bitrate() {
    return Math.round(this.#bitrate);
  }

  get scale() {
    return SCALES[this.#step];
  }

  get #ceiling() {
    return Math.max(this.#least, Math.min(this.#most, BEST * this.#pixels * this.#frameRate));
  }

  /** The pictures that a source gives; even, as most encoders want it. */
  fit(width, height) {
    if (width * height !== this.#pixels) {
      const before = this.#ceiling;
      this.#pixels = width * height;
      this.#bitrate = Math.max(this.#least, (this.#bitrate * this.#ceiling) / before);
    }
    const even = (side) => Math.max(2, 2 * Math.round((side * this.scale) / 2));
    return { width: even(width), height: even(height) };
  }

  /** A cloud came back `ms` after its frame was captured. */
  latency(ms, now) {
    this.#latencies.push({ now, ms });
    while (this.#latencies[0].now < now - LOWEST_WINDOW_MS) this.#latencies.shift();
    const lowest = Math.min(...this.#latencies.map((one) => one.ms));
    this.#isLate = ms > 2 * lowest + LATE_MS;
  }

  /** Whether a frame has to be left out, for what waits already. */
  isFull(bufferedAmount) {
    return bufferedAmount > this.#bytesOf(FULL_BYTES_MS);
  }

  /** To be called for each frame; true: bitrate or scale have changed. */
  update(bufferedAmount, now) {
    const isLate = this.#isLate || bufferedAmount > this.#bytesOf(LATE_BYTES_MS);
    if (isLate) this.#troubleAt = now;
    if (now - this.#changedAt < STEP_MS) return false;
    const before = [this.bitrate, this.scale];
    if (isLate) this.#bitrate = Math.max(this.#least, DOWN * this.#bitrate);
    else if (now - this.#troubleAt >= CALM_MS) this.#bitrate = Math.min(this.#ceiling, UP * this.#bitrate);
    this.#resize();
    const hasChanged = before[0] !== this.bitrate || before[1] !== this.scale;
    if (hasChanged) this.#changedAt = now;
    return hasChanged;
  }

  #resize() {
    const bits = (step) => this.#bitrate / (this.#pixels * SCALES[step] ** 2 * this.#frameRate);
    if (bits(this.#step) < POOR && this.#step + 1 < SCALES.length) this.#step += 1;
    else if (this.#step > 0 && bits(this.#step - 1) > RICH) this.#step -= 1;
  }

  #bytesOf(ms) {
    return (this.#bitrate / 8 / 1000) * ms;
  }
}
