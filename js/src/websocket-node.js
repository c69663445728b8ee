// SPDX-License-Identifier: Apache-2.0
// Node has a WebSocket of its own from version 22 on, whose errors do not say why a server refused.

export { WebSocket } from "ws";
