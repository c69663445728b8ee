// SPDX-License-Identifier: Apache-2.0
// Frames as video, where that is chosen and both ends can; while it is not open, they go as JPEG.

import { VideoUplink } from "depthcloud";
import { element } from "./element.js";

const MAX_IN_FLIGHT = 16; // the server reads all and answers the newest ones
const BEGIN = { width: 640, height: 480 }; // until the first picture says another size

export class VideoSender {
  #connection;
  #sender;
  #keepsPictures;
  #onNote;
  #uplink;
  #pictures = new Map(); // time of a unit -> {picture, capturedAt}, while it is encoded
  #codecs; // that the server decodes, once it has said so
  #source = null;

  /**
   * sender: a FrameSender, which counts the frames. keepsPictures: they colour the clouds. onNote(text): why frames go
   * as JPEG although video was chosen.
   */
  constructor(connection, sender, { keepsPictures, onNote }) {
    this.#connection = connection;
    this.#sender = sender;
    this.#keepsPictures = keepsPictures;
    this.#onNote = onNote;
    this.#uplink = new VideoUplink(connection, {
      onSent: ({ time }) => this.#sent(time),
      onProblem: (error) => this.#onNote(`Frames are sent as JPEG: ${error.message}.`),
    });
    element("transport").addEventListener("change", () => {
      this.#end();
      this.#begin();
    });
  }

  get isOpen() {
    return this.#uplink.state === "open";
  }

  get isReady() {
    return this.#sender.hasRoom(MAX_IN_FLIGHT) && this.#uplink.isReady;
  }

  /** A message of the server. */
  receive(message) {
    if (message.type === "configured" && message.video_codecs) {
      this.#codecs = message.video_codecs;
      this.#begin();
    }
    this.#uplink.receive(message);
  }

  /** The connection is gone, and with it what the server knew. */
  reset() {
    this.#codecs = undefined;
    this.#stop();
  }

  use(source) {
    this.#source = source;
    if (source && !source.isStill) this.#begin();
    else this.#end();
  }

  latency(ms) {
    if (this.isOpen) this.#uplink.latency(ms);
  }

  send(source, capturedAt) {
    const canvas = source.draw((width, height) => this.#uplink.fit(width, height));
    const time = this.#uplink.encode(canvas, capturedAt);
    if (time === undefined) return;
    this.#pictures.set(time, { picture: this.#keepsPictures ? canvas.transferToImageBitmap() : null, capturedAt });
  }

  #begin() {
    const isWanted = element("transport").value === "video" && this.#source && !this.#source.isStill;
    if (isWanted && this.#codecs && this.#uplink.state === "idle") this.#uplink.start(this.#codecs, BEGIN);
  }

  /** The server need not keep a decoder. */
  #end() {
    if (this.isOpen) this.#connection.sendJson({ type: "video_config", codec: null });
    this.#stop();
  }

  #stop() {
    this.#uplink.stop();
    for (const { picture } of this.#pictures.values()) picture?.close();
    this.#pictures.clear();
  }

  /** The encoder may leave pictures out: those before are over. */
  #sent(time) {
    for (const [earlier, frame] of this.#pictures) {
      if (earlier > time) break;
      this.#pictures.delete(earlier);
      if (earlier === time) this.#sender.sent(frame);
      else frame.picture?.close();
    }
  }
}
