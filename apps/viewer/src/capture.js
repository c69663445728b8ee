// SPDX-License-Identifier: Apache-2.0
// From a source to a sender: each new frame is taken when the sender is ready, else skipped.

const TRY_AGAIN_MS = 20;

export class Capture {
  #sender;
  #source = null;
  #encoding = false;
  #retry = 0;
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
    clearTimeout(this.#retry);
    if (this.#source?.isStill) this.#take(this.#source, performance.now());
  }

  async #take(source, capturedAt) {
    if (this.#encoding || !this.#sender.isReady) {
      // The next frame of a video comes by itself; a photo has no other.
      if (source.isStill) this.#retry = setTimeout(() => this.again(), TRY_AGAIN_MS);
      else this.skipped += 1;
      return;
    }
    this.#encoding = true;
    try {
      const frame = await source.grab(capturedAt);
      if (this.#source === source) this.#sender.send(frame);
      else frame.picture?.close();
    } catch (error) {
      if (this.#source === source) throw error; // else it was stopped meanwhile
    } finally {
      this.#encoding = false;
    }
  }
}
