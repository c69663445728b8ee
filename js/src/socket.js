// SPDX-License-Identifier: Apache-2.0
// How one reaches a server: its address, and the token as a sub-protocol, because a page cannot set headers.

import { WebSocket } from "#websocket";

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/; // what RFC 9110 allows in a sub-protocol

export function openSocket(url, token) {
  const address = new URL("ws", url);
  if (!/^(https?|wss?):$/.test(address.protocol)) {
    throw new TypeError(`the address of a server begins with http, https, ws or wss: ${url}`);
  }
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
