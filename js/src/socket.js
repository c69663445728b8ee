// SPDX-License-Identifier: Apache-2.0
// How one reaches a server: its address, and the token as a sub-protocol, because a page cannot set headers.

import { WebSocket } from "#websocket";

const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/; // what RFC 9110 allows in a sub-protocol

/** A server's address; without a scheme, as in "127.0.0.1:8000", it is http. */
export function serverUrl(url) {
  const text = String(url ?? "");
  try {
    const address = new URL(HAS_SCHEME.test(text) ? text : `http://${text}`);
    if (/^(https?|wss?):$/.test(address.protocol)) return address;
  } catch {
    // said below
  }
  throw new TypeError(`the address of a server is like http://127.0.0.1:8000 (or https, ws, wss), not "${text}"`);
}

export function openSocket(url, token) {
  const address = new URL("ws", serverUrl(url));
  address.protocol = /^(https|wss):$/.test(address.protocol) ? "wss:" : "ws:";
  address.hash = "";
  address.search = "";
  if (token && !TOKEN.test(token)) {
    throw new TypeError("the token holds characters that a sub-protocol cannot carry");
  }
  const socket = new WebSocket(address, ["depthcloud.v1", ...(token ? [`bearer.${token}`] : [])]);
  socket.binaryType = "arraybuffer";
  return socket;
}
