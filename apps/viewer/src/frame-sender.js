// SPDX-License-Identifier: Apache-2.0
// Which frames are sent. There is no timer: a frame goes out when the frames before it have left the
// browser and few enough of them wait for an answer, so that neither side ever builds a queue.

const MAX_IN_FLIGHT = 2; // one in the network while the next is on its way
const FORGET_AFTER_MS = 3000; // the server skips frames without a word
const UNANSWERED_GAP_MS = 60; // where nobody says when a frame is done

export class FrameSender {
  #connection;
  #answers;
  #inFlight = new Map(); // frame_id -> {capturedAt, sentAt, picture}
  #sent = 0;
  #lastSent = -Infinity;
  skipped = 0; // frames of the source that gave no cloud

  /** answers: false for a camera whose clouds go to other clients. */
  constructor(connection, { answers = true } = {}) {
    this.#connection = connection;
    this.#answers = answers;
  }

  get inFlight() {
    return this.#inFlight.size;
  }

  get isReady() {
    return (
      this.hasRoom(MAX_IN_FLIGHT) &&
      this.#connection.bufferedAmount === 0 &&
      (this.#answers || performance.now() - this.#lastSent >= UNANSWERED_GAP_MS)
    );
  }

  /** Whether fewer frames than `most` wait for an answer. */
  hasRoom(most) {
    this.#forgetStale();
    return this.#connection.isOpen && this.#inFlight.size < most;
  }

  /** A new connection counts its frames from 1. */
  reset() {
    for (const id of this.#inFlight.keys()) this.#drop(id);
    this.#sent = 0;
  }

  /**
   * frame: {jpeg: ArrayBuffer, picture: ImageBitmap or null, capturedAt: ms as performance.now()}.
   * The picture is kept until the answer comes, and colours a cloud that was asked for without them.
   */
  send({ jpeg, picture, capturedAt }) {
    const captureTs = (performance.timeOrigin + capturedAt) / 1000;
    this.#connection.sendJson({ type: "frame_info", capture_ts: captureTs });
    this.#connection.send(jpeg);
    this.sent({ picture, capturedAt });
  }

  /** A frame went out, as a photo or in a video. */
  sent({ picture, capturedAt }) {
    this.#sent += 1;
    this.#lastSent = performance.now();
    if (this.#answers) {
      this.#inFlight.set(this.#sent, { capturedAt, sentAt: this.#lastSent, picture });
    } else {
      picture?.close();
    }
  }

  /** The frame that a cloud answers, or undefined. Earlier ones will not be answered any more. */
  answered(frameId) {
    const frame = this.#inFlight.get(frameId);
    if (!frame) return undefined;
    this.#inFlight.delete(frameId);
    for (const id of this.#inFlight.keys()) if (id < frameId) this.#drop(id);
    return frame;
  }

  /** The server answered a frame with an error. */
  refused(frameId) {
    if (this.#inFlight.has(frameId)) this.#drop(frameId);
  }

  #forgetStale() {
    const limit = performance.now() - FORGET_AFTER_MS;
    for (const [id, { sentAt }] of this.#inFlight) if (sentAt < limit) this.#drop(id);
  }

  #drop(id) {
    this.#inFlight.get(id).picture?.close();
    this.#inFlight.delete(id);
    this.skipped += 1;
  }
}
