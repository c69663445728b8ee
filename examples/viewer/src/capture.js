// SPDX-License-Identifier: Apache-2.0
// From a source to a sender: each new frame is taken when the sender is ready, else skipped.

export class Capture {
  #sender;
  #source = null;
  #encoding = false;
  #wanted = false;
  skipped = 0;

  constructor(sender) {
    this.#sender = sender;
  }

  /** source: as sources.js makes them, or null. */
  use(source) {
    this.#source = source;
    source?.onFrame((capturedAt) => {
      if (this.#source === source) this.#take(source, capturedAt);
    });
  }

  /** A photo is sent again when something about its cloud should change. */
  again() {
    if (this.#source?.isStill) this.#take(this.#source, performance.now());
  }

  async #take(source, capturedAt) {
    if (this.#encoding || !this.#sender.isReady) {
      if (source.isStill) this.#wanted = true;
      else this.skipped += 1;
      return;
    }
    this.#encoding = true;
    try {
      const frame = await source.grab(capturedAt);
      if (this.#source === source) this.#sender.send(frame);
      else frame.picture?.close();
    } finally {
      this.#encoding = false;
    }
  }

  /** The sender may be ready now: a photo that had to wait goes out. */
  resume() {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.again();
  }
}
