// SPDX-License-Identifier: Apache-2.0
// From a source to a sender: each new frame is taken when the sender is ready, else skipped.

const TRY_AGAIN_MS = 20;

export class Capture {
  #sender;
  #video;
  #peer;
  #source = null;
  #encoding = false;
  #retry = 0;
  #limits = { bytes: 8 << 20, pixels: 32_000_000 }; // the server's own, until it says others
  #onNote;
  #note = "";
  skipped = 0;

  /**
   * video: a VideoSender, which takes what moves while it is open. peer: a PeerSender, which takes the whole
   * source while it is on. onNote(text): a photo is not sent as it is.
   */
  constructor(sender, video, peer, onNote) {
    this.#sender = sender;
    this.#video = video;
    this.#peer = peer;
    this.#onNote = onNote;
  }

  /** What the server takes, of its "configured" message. */
  set limits({ max_binary_bytes: bytes, max_pixels: pixels }) {
    if (bytes === this.#limits.bytes && pixels === this.#limits.pixels) return;
    this.#limits = { bytes, pixels };
    this.#note = ""; // a photo is made smaller anew, and says so anew
    this.again();
  }

  /** source: as sources.js makes them, or null. */
  use(source) {
    this.#source = source;
    this.#note = "";
    this.#video.use(source);
    this.#peer.use(source);
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
    if (this.#peer.isOn) return;
    const video = !source.isStill && this.#video.isOpen ? this.#video : null;
    if (this.#encoding || !(video ?? this.#sender).isReady) {
      // The next frame of a video comes by itself; a photo has no other.
      if (source.isStill) this.#retry = setTimeout(() => this.again(), TRY_AGAIN_MS);
      else this.skipped += 1;
      return;
    }
    this.#encoding = true;
    try {
      if (video) {
        await video.send(source, capturedAt);
        return;
      }
      const frame = await source.grab(capturedAt, this.#limits, this.#onNote);
      if (this.#source !== source) {
        frame.picture?.close();
        return;
      }
      this.#sender.send(frame);
      if (frame.note && frame.note !== this.#note) this.#onNote(frame.note);
      this.#note = frame.note;
    } catch (error) {
      if (this.#source === source) throw error; // else it was stopped meanwhile
    } finally {
      this.#encoding = false;
    }
  }
}
