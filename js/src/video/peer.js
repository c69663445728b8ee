// SPDX-License-Identifier: Apache-2.0
// A video track to the server over WebRTC; signalling goes over the WebSocket.

import { ChunkReader } from "./chunks.js";

const LONGEST_SIDE = 640; // the networks see less than that
const MAX_BITRATE = 2_500_000;
const MOST_CANDIDATES = 32; // that the server takes
const LOOK_EVERY_MS = 1000;

export class VideoPeer {
  #connection;
  #handlers;
  #pc = null;
  #candidates = null; // of the server, while its answer has not been read
  #sentCandidates = 0;
  #timer = 0;
  state = "idle"; // "connecting", "open"
  path = null; // {kind, protocol}, while open
  sentBytes = 0; // over all connections so far, as far as is known
  receivedBytes = 0;
  #before = { sent: 0, received: 0 };

  constructor(connection, { onOpen, onProblem, onPath, onPacket } = {}) {
    this.#connection = connection;
    this.#handlers = { onOpen, onProblem, onPath, onPacket };
  }

  start(track, { iceServers = [], codecs, clouds = "websocket" } = {}) {
    this.stop();
    this.state = "connecting";
    this.#candidates = [];
    this.#sentCandidates = 0;
    const pc = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.#pc = pc;
    pc.onicecandidate = ({ candidate }) => this.#tell(candidate);
    pc.onconnectionstatechange = () => this.#changed(pc);
    if (clouds === "channel") this.#openChannel(pc);
    this.#offer(pc, track, codecs, clouds).catch((error) => this.#fail(pc, error));
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#pc?.close();
    this.#pc = null;
    this.#before = { sent: this.sentBytes, received: this.receivedBytes };
    this.path = null;
    this.state = "idle";
  }

  /** A message of the server. */
  receive(message) {
    const pc = this.#pc;
    if (!pc) return;
    if (message.type === "webrtc_answer" && message.sdp) {
      this.#answered(pc, message.sdp).catch((error) => this.#fail(pc, error));
    } else if (message.type === "ice_candidate") {
      if (this.#candidates) this.#candidates.push(message.candidate);
      else this.#add(pc, message.candidate);
    } else if (message.type === "webrtc_closed") {
      this.#fail(pc, new Error(message.message));
    } else if (message.type === "error" && message.frame_id === undefined && this.state === "connecting") {
      this.#fail(pc, new Error(message.message));
    }
  }

  #openChannel(pc) {
    const channel = pc.createDataChannel("clouds", { ordered: false });
    const chunks = new ChunkReader();
    channel.binaryType = "arraybuffer";
    channel.onmessage = ({ data }) => {
      const message = data instanceof ArrayBuffer ? chunks.push(data) : undefined;
      if (message) this.#handlers.onPacket?.(message);
    };
  }

  async #offer(pc, track, codecs, clouds) {
    const { width = LONGEST_SIDE, height = LONGEST_SIDE } = track.getSettings();
    const transceiver = pc.addTransceiver(track, {
      direction: "sendonly",
      sendEncodings: [
        { maxBitrate: MAX_BITRATE, scaleResolutionDownBy: Math.max(1, Math.max(width, height) / LONGEST_SIDE) },
      ],
    });
    const known = RTCRtpSender.getCapabilities?.("video")?.codecs ?? [];
    const preferred = inOrder(known, codecs);
    if (preferred.length > 0) transceiver.setCodecPreferences?.(preferred);
    await pc.setLocalDescription();
    if (this.#pc !== pc) return;
    this.#connection.sendJson({ type: "webrtc_offer", sdp: pc.localDescription.sdp, clouds });
  }

  #tell(candidate) {
    if (candidate && ++this.#sentCandidates > MOST_CANDIDATES) return;
    this.#connection.sendJson({ type: "ice_candidate", candidate: candidate?.toJSON() ?? null });
  }

  async #answered(pc, sdp) {
    await pc.setRemoteDescription({ type: "answer", sdp });
    const early = this.#candidates ?? [];
    this.#candidates = null;
    for (const candidate of early) this.#add(pc, candidate);
  }

  /** One that this browser cannot use leaves the others. */
  #add(pc, candidate) {
    if (candidate) pc.addIceCandidate(candidate).catch(() => {});
  }

  #changed(pc) {
    if (this.#pc !== pc) return;
    if (pc.connectionState === "failed") {
      this.#fail(pc, new Error("WebRTC finds no way to the server, or lost it"));
    } else if (pc.connectionState === "connected" && this.state === "connecting") {
      this.state = "open";
      this.#handlers.onOpen?.();
      this.#timer = setInterval(() => this.#look(pc), LOOK_EVERY_MS);
      this.#look(pc);
    }
  }

  /** Which way the media takes, and how much. */
  async #look(pc) {
    const stats = new Map(await pc.getStats());
    if (this.#pc !== pc) return;
    const transport = [...stats.values()].find(({ type }) => type === "transport");
    const pair = stats.get(transport?.selectedCandidatePairId);
    if (!pair) return;
    this.sentBytes = this.#before.sent + pair.bytesSent;
    this.receivedBytes = this.#before.received + pair.bytesReceived;
    const [local, remote] = [stats.get(pair.localCandidateId), stats.get(pair.remoteCandidateId)];
    this.path = pathOf(local, remote);
    this.#handlers.onPath?.(this.path);
  }

  #fail(pc, error) {
    if (this.#pc !== pc) return;
    this.stop();
    this.#handlers.onProblem?.(error);
  }
}

/** The codecs of the browser, those that the server decodes first; the others only repair losses, or are left out. */
function inOrder(known, names) {
  if (!names) return [];
  const nameOf = ({ mimeType }) => mimeType.split("/")[1].toLowerCase();
  const chosen = names.flatMap((name) => known.filter((codec) => nameOf(codec) === name));
  if (chosen.length === 0) return [];
  return [...chosen, ...known.filter((codec) => ["rtx", "red", "ulpfec", "flexfec-03"].includes(nameOf(codec)))];
}

/** Through a relay, if either side uses one; else through address translation, or straight. */
function pathOf(local, remote) {
  const types = [local?.candidateType, remote?.candidateType];
  const isRelay = types.includes("relay");
  const isReflexive = types.includes("srflx") || types.includes("prflx");
  const protocol = (local?.relayProtocol ?? local?.protocol ?? "udp").toUpperCase();
  return { kind: isRelay ? "relay" : isReflexive ? "reflexive" : "host", protocol };
}
