// SPDX-License-Identifier: Apache-2.0
// A connection to depthcloud-server: photos go out, their clouds come back.

import { openSocket, serverUrl } from "./socket.js";
import { nameOf } from "./wire/checks.js";
import { decodeCloud, decoderReady } from "./wire/message.js";

const ANSWER_WITHIN_MS = 30_000;
const LONGEST_WAIT_MS = 2 ** 31 - 1; // setTimeout() fires at once for more
const LOOK_EVERY_MS = 5;
const GOING_AWAY = new Set([2, 3]); // CLOSING and CLOSED of a WebSocket
const TOO_BIG = 1009; // RFC 6455
const ROLES = ["camera", "viewer"];

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

export async function connect(url, { token, timeout = ANSWER_WITHIN_MS, onError = warn, ...options } = {}) {
  if (typeof onError !== "function") throw new TypeError("onError must be a function");
  if (!(typeof timeout === "number" && timeout > 0 && timeout <= LONGEST_WAIT_MS)) {
    throw new TypeError(`timeout must be a number of milliseconds, above 0 and at most ${LONGEST_WAIT_MS}, not ${timeout}`);
  }
  const { origin } = serverUrl(url);
  await decoderReady();
  const socket = openSocket(url, token);
  await new Promise((resolve, reject) => {
    const fail = ({ message, reason, error }) => {
      const why = reasonOf(message, error, token) || reason || "it does not answer, or wants another token";
      reject(new Error(`${origin} does not connect: ${why}`));
    };
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", fail);
    socket.addEventListener("close", fail);
  });
  const client = new Client(socket, timeout, onError);
  try {
    await client.configure(options); // without any, too: the answer tells the server's limits
  } catch (error) {
    client.close();
    throw error;
  }
  return client;
}

/** What Node says of a handshake that failed, in words of what to do; browsers say nothing. */
function reasonOf(message, error, token) {
  if (/\b401$/.test(message)) return `${token ? "the token is wrong" : "it wants a token, which is missing"} (401)`;
  if (error?.code === "EPROTO") return `it does not speak TLS: try http:// (${error.code})`;
  if (/CERT/.test(error?.code)) return `${message}: NODE_EXTRA_CA_CERTS names a certificate that Node is to trust`;
  return message;
}

function warn(error) {
  console.warn(`depthcloud: ${error.message}`);
}

export class Client {
  #socket;
  #timeout;
  #onError;
  #role; // that the server was asked for last
  #mostBytes = Infinity; // of a photo, as the server says
  #sent = 0;
  #frames = new Map(); // frame_id -> Waiting
  #answers = []; // of "configure" and "register_role", in the order in which they were sent
  #newest; // the cloud that nobody took yet
  #wake = () => {};
  #failure; // why the connection ended; undefined while it stands

  /** connect() makes it; socket: open. */
  constructor(socket, timeout, onError) {
    if (typeof socket?.addEventListener !== "function") throw new TypeError("a Client is made by connect()");
    this.#socket = socket;
    this.#timeout = timeout;
    this.#onError = onError;
    socket.addEventListener("message", ({ data }) => this.#receive(data));
    socket.addEventListener("close", ({ code, reason }) => {
      const why = reason || (code === TOO_BIG ? "a message was larger than the server takes" : "");
      this.#end(new Error(`the connection ended with ${code}${why && `: ${why}`}`));
    });
  }

  send(photo, { captureTs } = {}) {
    let bytes;
    try {
      bytes = requirePhoto(photo, this.#mostBytes);
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
    if (this.#role === "camera") return this.#gone(`frame ${id}`);
    return new Promise((resolve, reject) => {
      this.#frames.set(id, this.#waiting(resolve, reject, `frame ${id}`, () => this.#frames.delete(id)));
    });
  }

  async configure(options) {
    const answer = await this.#asked({ ...options, type: "configure" }, "configured");
    this.#mostBytes = answer.limits?.max_binary_bytes ?? Infinity;
    return answer;
  }

  async register(role) {
    if (!ROLES.includes(role)) throw new TypeError(`role must be ${ROLES.map((it) => `"${it}"`).join(" or ")}, not ${role}`);
    const before = this.#role;
    this.#role = role; // of the next photo, which may be sent before the answer comes
    try {
      await this.#asked({ type: "register_role", role }, "pong");
    } catch (error) {
      this.#role = before;
      throw error;
    }
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

  /** Resolves with the answer of type `awaited`. A role has none of its own: a ping after it gets one. */
  #asked(message, awaited) {
    try {
      this.#requireOpen();
    } catch (error) {
      return Promise.reject(error);
    }
    this.#sendJson(message);
    if (awaited === "pong") this.#sendJson({ type: "ping" });
    return new Promise((resolve, reject) => {
      const answer = this.#waiting(resolve, reject, `"${message.type}"`, () => {
        this.#answers = this.#answers.filter((other) => other !== answer);
      });
      this.#answers.push(Object.assign(answer, { awaited }));
    });
  }

  /** Resolves when nothing that was sent waits in this process any more. */
  async #gone(what) {
    const until = Date.now() + this.#timeout;
    while (this.#socket.bufferedAmount > 0) {
      this.#requireOpen();
      if (Date.now() > until) throw new Error(`${what} was not sent within ${this.#timeout} ms`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    this.#requireOpen();
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
      this.#fail(oldest, error);
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
    else if (message?.type === "error") this.#receiveError(message);
    else {
      const answer = this.#answers.find(({ awaited }) => awaited === message?.type);
      if (answer?.refused) answer.reject(answer.refused);
      else answer?.resolve(message);
    }
  }

  #receiveError(message) {
    const error = new ServerError(message);
    if (message.frame_id !== undefined) return this.#fail(this.#frames.get(message.frame_id), error);
    const asked = this.#answers.find(({ refused }) => !refused);
    if (asked?.awaited === "pong") asked.refused = error; // its pong still comes
    else this.#fail(asked, error);
  }

  /** An error reaches whoever waits, and if nobody does, the callback. */
  #fail(waiting, error) {
    if (waiting) waiting.reject(error);
    else this.#onError(error);
  }

  #end(failure) {
    this.#failure ??= failure;
    for (const waiting of [...this.#frames.values(), ...this.#answers]) waiting.reject(this.#failure);
    this.#wake();
  }
}

/** The bytes of a photo, or an error before anything is sent. */
function requirePhoto(photo, most) {
  if (!(photo instanceof ArrayBuffer) && !(photo instanceof Uint8Array)) {
    throw new TypeError(`photo must be a Uint8Array or an ArrayBuffer with a JPEG or PNG, not ${nameOf(photo)}`);
  }
  if (photo.byteLength === 0) throw new TypeError("photo is empty");
  if (photo.byteLength > most) {
    throw new RangeError(`photo has ${photo.byteLength} bytes, and the server takes ${most} (max_binary_bytes)`);
  }
  return photo;
}
