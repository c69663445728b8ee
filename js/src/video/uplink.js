// SPDX-License-Identifier: Apache-2.0
// Video to the server: pictures are encoded by WebCodecs and go out as access units.

import { chooseCodec, encoderConfig } from "./codecs.js";
import { RateControl } from "./rate.js";
import { packAccessUnit } from "./unit.js";

const MOST_ENCODING = 3; // pictures that the encoder may have at a time

export class VideoUplink {
  #connection;
  #options;
  #rate;
  #state = "idle"; // "choosing", "asked", "open", "failed"
  #codec;
  #encoder;
  #config;
  #needsKey = true;
  #lastTime = -1;
  #attempt = 0;

  constructor(connection, { hardware = "no-preference", frameRate = 30, minBitrate, maxBitrate, onSent, onProblem } = {}) {
    this.#connection = connection;
    this.#options = { hardware, frameRate, onSent, onProblem };
    this.#rate = new RateControl({ minBitrate, maxBitrate, frameRate });
  }

  static get isSupported() {
    return Boolean(globalThis.VideoEncoder && globalThis.VideoFrame);
  }

  get state() {
    return this.#state;
  }

  get codec() {
    return this.#codec;
  }

  get bitrate() {
    return this.#rate.bitrate;
  }

  get isReady() {
    return (
      this.#state === "open" &&
      !this.#rate.isFull(this.#connection.bufferedAmount) &&
      (this.#encoder?.encodeQueueSize ?? 0) < MOST_ENCODING
    );
  }

  async start(serverCodecs, { width, height }) {
    this.stop();
    const attempt = this.#attempt;
    this.#state = "choosing";
    const size = this.#rate.fit(width, height);
    const codec = await chooseCodec(serverCodecs, { ...size, hardware: this.#options.hardware });
    if (attempt !== this.#attempt) return;
    if (!codec) {
      const common = `this browser encodes none of what the server decodes (${serverCodecs.join(", ") || "nothing"})`;
      this.#fail(new Error(VideoUplink.isSupported ? common : "this browser or page has no WebCodecs"));
      return;
    }
    this.#codec = codec;
    this.#state = "asked";
    this.#connection.sendJson({ type: "video_config", codec: this.#configFor(size).codec, ...size });
  }

  stop() {
    this.#attempt += 1;
    if (this.#encoder?.state !== "closed") this.#encoder?.close();
    this.#encoder = this.#config = this.#codec = undefined;
    this.#state = "idle";
    this.#needsKey = true;
  }

  receive({ type, codec, message, frame_id: frameId }) {
    if (type === "keyframe_request") this.#needsKey = true;
    if (this.#state !== "asked") return;
    if (type === "video_configured" && codec) this.#state = "open";
    else if (type === "error" && frameId === undefined) this.#fail(new Error(String(message)));
  }

  /** The size at which a picture is to be encoded. */
  fit(width, height) {
    return this.#rate.fit(width, height);
  }

  latency(ms) {
    this.#rate.latency(ms, performance.now());
  }

  encode(picture, capturedAt) {
    if (this.#state !== "open") return undefined;
    this.#rate.update(this.#connection.bufferedAmount, performance.now());
    const time = Math.max(this.#lastTime + 1, Math.round((performance.timeOrigin + capturedAt) * 1000));
    this.#lastTime = time;
    const frame = new VideoFrame(picture, { timestamp: time });
    try {
      this.#prepare({ width: frame.displayWidth, height: frame.displayHeight });
      this.#encoder.encode(frame, { keyFrame: this.#needsKey });
      this.#needsKey = false;
      return time;
    } catch (error) {
      this.#fail(error);
      return undefined;
    } finally {
      frame.close();
    }
  }

  #configFor(size) {
    const { hardware, frameRate } = this.#options;
    return encoderConfig(this.#codec, { ...size, bitrate: this.#rate.bitrate, frameRate, hardware });
  }

  /** The encoder for this size and the present rate; pictures of another size begin with a key frame. */
  #prepare(size) {
    const config = this.#configFor(size);
    const last = this.#config;
    if (last && last.bitrate === config.bitrate && last.width === config.width && last.height === config.height) return;
    if (!this.#encoder) this.#encoder = this.#newEncoder();
    if (last?.width !== config.width || last?.height !== config.height) this.#needsKey = true;
    this.#encoder.configure(config);
    this.#config = config;
  }

  #newEncoder() {
    const attempt = this.#attempt;
    const isOld = () => attempt !== this.#attempt;
    return new VideoEncoder({
      output: (chunk) => isOld() || this.#send(chunk),
      error: (error) => isOld() || this.#fail(error),
    });
  }

  #send(chunk) {
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const isKey = chunk.type === "key";
    this.#connection.send(packAccessUnit({ data, isKey, time: chunk.timestamp }));
    this.#options.onSent?.({ time: chunk.timestamp, isKey, bytes: data.byteLength });
  }

  #fail(error) {
    this.stop();
    this.#state = "failed";
    this.#options.onProblem?.(error);
  }
}
