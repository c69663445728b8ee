// SPDX-License-Identifier: Apache-2.0
// The WebSocket to the server. It reconnects by itself with growing pauses, notices a dead link, and
// carries the token as a sub-protocol, because a page cannot set headers.

import { openSocket } from "depthcloud";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const PING_EVERY_MS = 10_000;
const DEAD_AFTER_MS = 25_000;

/** The token of `page#token=...`: a fragment never leaves the browser, so no log can hold it. */
export function tokenOf(location) {
  return new URLSearchParams(location.hash.slice(1)).get("token");
}

export class Connection {
  #socket = null;
  #wanted = false; // until close() is called
  #token;
  #handlers;
  #pause = FIRST_PAUSE_MS;
  #retryTimer = 0;
  #pingTimer = 0;
  #lastHeard = 0;
  sentBytes = 0; // of messages, over all connections so far
  receivedBytes = 0;

  /**
   * handlers.onState({state, text}): state is "connecting", "open", "waiting" or "closed".
   * handlers.onMessage(object): a JSON message. handlers.onPacket(ArrayBuffer): a binary one.
   */
  constructor(handlers, token = tokenOf(window.location)) {
    this.#handlers = handlers;
    this.#token = token;
    window.addEventListener("online", () => this.#retryTimer && this.open());
    window.addEventListener("hashchange", () => this.#useToken(tokenOf(window.location)));
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Bytes that the browser still holds back: more than 0 when the link is slower than the sender. */
  get bufferedAmount() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  open() {
    this.#drop();
    this.#wanted = true;
    this.#tell("connecting", "Connecting…");
    let socket;
    try {
      socket = openSocket(window.location.href, this.#token);
    } catch (error) {
      this.#tell("closed", `Not connected: ${error.message}`);
      return;
    }
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#pause = FIRST_PAUSE_MS;
      this.#watch();
      this.#tell("open", "Connected");
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = (event) => this.#lost(event, opened);
  }

  /** Ends the connection for good, without another attempt. */
  close() {
    this.#wanted = false;
    this.#drop();
  }

  #useToken(token) {
    if (token === this.#token) return;
    this.#token = token;
    this.#pause = FIRST_PAUSE_MS;
    if (this.#wanted) this.open();
  }

  #drop() {
    clearTimeout(this.#retryTimer);
    clearInterval(this.#pingTimer);
    this.#retryTimer = 0;
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
    this.#tell("closed", "Not connected");
  }

  /** Sends bytes; drops them when there is no connection. */
  send(data) {
    if (!this.isOpen) return;
    this.#socket.send(data);
    this.sentBytes += data.byteLength ?? data.length;
  }

  sendJson(message) {
    this.send(JSON.stringify(message));
  }

  #receive(data) {
    this.#lastHeard = performance.now();
    this.receivedBytes += data.byteLength ?? data.length;
    if (data instanceof ArrayBuffer) {
      this.#handlers.onPacket?.(data);
      return;
    }
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return; // not of this protocol
    }
    if (message?.type === "ping") this.sendJson({ type: "pong" });
    else this.#handlers.onMessage?.(message);
  }

  /** A link can die without a word, for instance when a phone changes networks. */
  #watch() {
    this.#lastHeard = performance.now();
    this.#pingTimer = setInterval(() => {
      if (performance.now() - this.#lastHeard > DEAD_AFTER_MS) this.#retrySoon("No answer");
      else this.sendJson({ type: "ping" });
    }, PING_EVERY_MS);
  }

  async #lost(event, opened) {
    const why = event.reason || (opened ? "Connection lost" : await this.#whyRefused());
    if (event.target === this.#socket) this.#retrySoon(why);
  }

  /** The browser does not say why a handshake failed; whether plain HTTP works tells the two apart. */
  async #whyRefused() {
    const answer = await fetch("healthz", { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return "The server does not answer";
    return this.#token
      ? "The server refuses this page: is the token right?"
      : "The server refuses this page: does it want a token (…/#token=…)?";
  }

  #retrySoon(why) {
    this.#drop();
    const pause = this.#pause * (0.75 + 0.5 * Math.random()); // not all clients at the same moment
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_MS);
    const sentence = /[.?!)]$/.test(why) ? why : `${why}.`;
    this.#tell("waiting", `${sentence} Next attempt in ${Math.ceil(pause / 1000)} s`);
    this.#retryTimer = setTimeout(() => this.open(), pause);
  }

  #tell(state, text) {
    this.#handlers.onState?.({ state, text });
  }
}
