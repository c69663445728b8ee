// SPDX-License-Identifier: Apache-2.0
// A connection to depthcloud-server: photos go out, their clouds come back.

import { openSocket } from "./socket.js";
import { decodeCloud, decoderReady } from "./wire/message.js";

const ANSWER_WITHIN_MS = 30_000;
const GOING_AWAY = new Set([2, 3]); // CLOSING and CLOSED of a WebSocket

/** What the server answered in the place of a cloud. */
export class ServerError extends Error {
  name = "ServerError";

  constructor({ message, code, stage, frame_id: frameId }) {
    super(String(message));
    Object.assign(this, { code, stage, frameId });
  }
}

/** A newer frame was answered first: this one never will be. */
export class FrameSkipped extends Error {
  name = "FrameSkipped";

  constructor(frameId) {
    super(`the server skipped frame ${frameId} for a newer one`);
    this.frameId = frameId;
  }
}

export async function connect(url, { token, timeout = ANSWER_WITHIN_MS, ...options } = {}) {
  await decoderReady();
  const socket = openSocket(url, token);
  await new Promise((resolve, reject) => {
    const fail = ({ message, reason }) => {
      const why = message || reason || "it does not answer, or wants another token";
      reject(new Error(`${new URL(url).origin} does not connect: ${why}`));
    };
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", fail);
    socket.addEventListener("close", fail);
  });
  const client = new Client(socket, timeout);
  try {
    if (Object.keys(options).length > 0) await client.configure(options);
  } catch (error) {
    client.close();
    throw error;
  }
  return client;
}

export class Client {
  #socket;
  #timeout;
  #sent = 0;
  #frames = new Map(); // frame_id -> Waiting
  #answers = []; // of the "configure" messages, in the order in which they were sent
  #newest; // the cloud that nobody took yet
  #wake = () => {};
  #failure; // why the connection ended; undefined while it stands

  /** connect() makes it; socket: open. */
  constructor(socket, timeout) {
    this.#socket = socket;
    this.#timeout = timeout;
    socket.addEventListener("message", ({ data }) => this.#receive(data));
    socket.addEventListener("close", ({ code, reason }) => {
      this.#end(new Error(`the connection ended with ${code}${reason ? `: ${reason}` : ""}`));
    });
  }

  send(photo, { captureTs } = {}) {
    let bytes;
    try {
      bytes = requirePhoto(photo);
      if (captureTs !== undefined && !Number.isFinite(captureTs)) {
        throw new TypeError("captureTs must be a number of seconds");
      }
      this.#requireOpen();
    } catch (error) {
      return Promise.reject(error);
    }
    if (captureTs !== undefined) this.#sendJson({ type: "frame_info", capture_ts: captureTs });
    this.#socket.send(bytes);
    const id = ++this.#sent;
    return new Promise((resolve, reject) => {
      this.#frames.set(id, this.#waiting(resolve, reject, `frame ${id}`, () => this.#frames.delete(id)));
    });
  }

  configure(options) {
    return this.#asked({ ...options, type: "configure" });
  }

  register(role) {
    this.#requireOpen();
    this.#sendJson({ type: "register_role", role });
  }

  close() {
    this.#end(new Error("the connection was closed"));
    this.#socket.close();
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      if (this.#newest) {
        const cloud = this.#newest;
        this.#newest = undefined;
        yield cloud;
      } else if (this.#failure) {
        return;
      } else {
        await new Promise((resolve) => (this.#wake = resolve));
      }
    }
  }

  #asked(message) {
    try {
      this.#requireOpen();
    } catch (error) {
      return Promise.reject(error);
    }
    this.#sendJson(message);
    return new Promise((resolve, reject) => {
      const answer = this.#waiting(resolve, reject, `"${message.type}"`, () => {
        this.#answers = this.#answers.filter((other) => other !== answer);
      });
      this.#answers.push(answer);
    });
  }

  #requireOpen() {
    if (this.#failure) throw this.#failure;
    if (GOING_AWAY.has(this.#socket.readyState)) throw new Error("the connection is closing");
  }

  #sendJson(message) {
    this.#socket.send(JSON.stringify(message));
  }

  /** Settles once; `forget` runs then. */
  #waiting(resolve, reject, what, forget) {
    const settle = (how, value) => {
      clearTimeout(timer);
      forget();
      how(value);
    };
    const late = () => settle(reject, new Error(`no answer to ${what} within ${this.#timeout} ms`));
    const timer = setTimeout(late, this.#timeout);
    return { resolve: (value) => settle(resolve, value), reject: (error) => settle(reject, error) };
  }

  #receive(data) {
    if (data instanceof ArrayBuffer) this.#receiveCloud(data);
    else this.#receiveText(String(data));
  }

  #receiveCloud(packet) {
    let cloud;
    try {
      cloud = decodeCloud(packet);
    } catch (error) {
      const [oldest] = this.#frames.values(); // it does not say whose cloud it was
      oldest?.reject(error);
      return;
    }
    for (const [id, frame] of this.#frames) if (id < cloud.frameId) frame.reject(new FrameSkipped(id));
    this.#frames.get(cloud.frameId)?.resolve(cloud);
    this.#newest = cloud;
    this.#wake();
  }

  #receiveText(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return; // not of this protocol
    }
    if (message?.type === "ping") this.#sendJson({ type: "pong" });
    else if (message?.type === "configured") this.#answers[0]?.resolve(message);
    else if (message?.type === "error") {
      const waiting = message.frame_id === undefined ? this.#answers[0] : this.#frames.get(message.frame_id);
      waiting?.reject(new ServerError(message));
    }
  }

  #end(failure) {
    this.#failure ??= failure;
    for (const waiting of [...this.#frames.values(), ...this.#answers]) waiting.reject(this.#failure);
    this.#wake();
  }
}

/** The bytes of a photo, or an error before anything is sent. */
function requirePhoto(photo) {
  if (!(photo instanceof ArrayBuffer) && !(photo instanceof Uint8Array)) {
    const given = photo === null ? "null" : (photo?.constructor?.name ?? typeof photo);
    throw new TypeError(`photo must be a Uint8Array or an ArrayBuffer with a JPEG or PNG, not ${given}`);
  }
  if (photo.byteLength === 0) throw new TypeError("photo is empty");
  return photo;
}
