// SPDX-License-Identifier: Apache-2.0
// Messages in, clouds out, in a worker. While one is decoded the newest waits and older ones go:
// a slow device shows fewer clouds, never late ones.

export class Decoder {
  #worker = new Worker(new URL("decoder-worker.js", import.meta.url), { type: "module" });
  #busy = false;
  #waiting = null;
  skipped = 0;

  /** onCloud(cloud), onError(text) */
  constructor(onCloud, onError) {
    this.#worker.onmessage = ({ data: { cloud, error } }) => {
      this.#busy = false;
      const next = this.#waiting;
      this.#waiting = null;
      if (next) this.decode(next);
      if (cloud) onCloud(cloud);
      else onError(error);
    };
  }

  decode(packet) {
    if (this.#busy) {
      if (this.#waiting) this.skipped += 1;
      this.#waiting = packet;
      return;
    }
    this.#busy = true;
    this.#worker.postMessage(packet, [packet]);
  }
}
