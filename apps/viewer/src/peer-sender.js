// SPDX-License-Identifier: Apache-2.0
// Frames over WebRTC, where that is chosen, the server takes it and the browser has it. Where it does not come about,
// frames go over the WebSocket, and a line says why.

import { VideoPeer } from "depthcloud";
import { element } from "./element.js";

export class PeerSender {
  #connection;
  #peer;
  #source = null;
  #server = null; // what the server says of its WebRTC; null: it takes none
  #codecs;
  #onChange;

  /** onChange(): it opened or closed. onPacket(bytes): a cloud. onNote(text): why frames take another way. */
  constructor(connection, { onChange, onPacket, onNote }) {
    this.#connection = connection;
    this.#onChange = onChange;
    this.#peer = new VideoPeer(connection, {
      onOpen: () => this.#onChange(),
      onPacket,
      onPath: ({ kind, protocol }) => (element("path").textContent = `${kind}, ${protocol}`),
      onProblem: (error) => {
        element("transport").value = "video";
        element("transport").dispatchEvent(new Event("change"));
        onNote(`Frames are sent over the WebSocket: ${error.message}.`);
      },
    });
    element("transport").addEventListener("change", () => this.#update());
  }

  /** Frames go, or are about to go, over WebRTC. */
  get isOn() {
    return this.#peer.state !== "idle";
  }

  /** Bytes, as those of a Connection. */
  get sentBytes() {
    return this.#peer.sentBytes;
  }
  get receivedBytes() {
    return this.#peer.receivedBytes;
  }

  /** A message of the server. */
  receive(message) {
    if (message.type === "configured") {
      this.#server = message.webrtc ?? null;
      this.#codecs = message.video_codecs;
      const isPossible = this.#server !== null && typeof RTCPeerConnection === "function";
      for (const option of element("transport").options) {
        if (option.value.startsWith("webrtc")) option.hidden = option.disabled = !isPossible;
      }
      this.#update();
    }
    this.#peer.receive(message);
  }

  /** The connection is gone, and with it what the server knew. */
  reset() {
    this.#server = null;
    this.#stop();
  }

  use(source) {
    if (source !== this.#source) this.#end();
    this.#source = source;
    this.#update();
  }

  #update() {
    const chosen = element("transport").value;
    const track = this.#source && !this.#source.isStill ? this.#source.track : undefined;
    const isWanted = chosen.startsWith("webrtc") && this.#server && track;
    if (!isWanted) return this.#end();
    const clouds = chosen === "webrtc-channel" ? "channel" : "websocket";
    if (this.isOn && clouds === this.#clouds) return;
    this.#clouds = clouds;
    this.#peer.start(track, { iceServers: this.#server.ice_servers, codecs: this.#codecs, clouds });
    this.#onChange();
  }
  #clouds = "websocket";

  /** The server need not keep the connection. */
  #end() {
    if (!this.isOn) return;
    this.#connection.sendJson({ type: "webrtc_offer", sdp: null });
    this.#stop();
    this.#onChange();
  }

  #stop() {
    this.#peer.stop();
    element("path").textContent = "–";
  }
}
