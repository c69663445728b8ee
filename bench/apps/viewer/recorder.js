// SPDX-License-Identifier: Apache-2.0
// Runs in the page before its own code, for transports.mjs: notes in window.recorded when which frame of the clip was
// captured and when its cloud came, and draws no clouds.

/** relay: "udp" or "tcp", of TURN, over which alone WebRTC may go; bars, strip: of clip.py. */
export function record({ relay, bars, strip }) {
  const recorded = (window.recorded = { captured: [], clouds: [], units: [], width: 0 });

  // Drawing by software would take one of the cores.
  for (const name of ["clear", "drawArrays", "drawArraysInstanced", "drawElements", "drawElementsInstanced"]) {
    WebGL2RenderingContext.prototype[name] = () => {};
  }

  /** Reads the number of each frame as the camera gives it. */
  const watch = async (track) => {
    const frames = new MediaStreamTrackProcessor({ track }).readable.getReader();
    for (;;) {
      const { value: frame, done } = await frames.read();
      if (done) return;
      const at = performance.now();
      const { codedWidth: width, codedHeight: height } = frame;
      const rect = { x: 0, y: height - 2 * Math.round(strip / 4), width, height: 2 };
      const bytes = new Uint8Array(frame.allocationSize({ rect }));
      await frame.copyTo(bytes, { rect }); // luma comes first
      frame.close();
      let number = 0;
      for (let bit = 0; bit < bars; bit += 1) {
        if (bytes[Math.round(((bit + 0.5) * width) / bars)] > 128) number += 2 ** bit;
      }
      recorded.captured.push({ at, number });
    }
  };
  const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = await getUserMedia(constraints);
    watch(stream.getVideoTracks()[0].clone());
    return stream;
  };

  // The page hands each message with a cloud to its worker as soon as it is there.
  const postMessage = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (packet, ...rest) {
    if (packet instanceof ArrayBuffer) recorded.clouds.push({ at: performance.now(), packet: packet.slice() });
    return postMessage.call(this, packet, ...rest);
  };

  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    const isUnit = data instanceof Uint8Array && String.fromCharCode(...data.subarray(0, 4)) === "DCVU";
    if (isUnit) recorded.units.push(data.slice(16));
    return send.call(this, data);
  };

  const configure = VideoEncoder.prototype.configure;
  VideoEncoder.prototype.configure = function (config) {
    recorded.width = config.width;
    return configure.call(this, config);
  };

  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor({ iceServers, ...rest }) {
      const only = relay && {
        iceTransportPolicy: "relay",
        iceServers: iceServers.filter(({ urls }) => String(urls).includes(`transport=${relay}`)),
      };
      super({ iceServers: [], ...rest, ...only });
      recorded.connection = this;
    }
  };

  /** What is as text in the report: {captured, clouds: [{at, packet: base64}], width}, since the time `from`. */
  window.report = async (from) => {
    const text = (buffer) => {
      let letters = "";
      for (const byte of new Uint8Array(buffer)) letters += String.fromCharCode(byte);
      return btoa(letters);
    };
    const isLater = ({ at }) => at >= from;
    let { width } = recorded;
    for (const stats of (await recorded.connection?.getStats().catch(() => []))?.values() ?? []) {
      if (stats.type === "outbound-rtp") width = stats.frameWidth;
    }
    const clouds = recorded.clouds.filter(isLater).map(({ at, packet }) => ({ at, packet: text(packet) }));
    return { captured: recorded.captured.filter(isLater), clouds, width };
  };
  window.reportUnits = async () => {
    const bytes = new Uint8Array(await new Blob(recorded.units).arrayBuffer());
    let letters = "";
    for (let i = 0; i < bytes.length; i += 1) letters += String.fromCharCode(bytes[i]);
    return btoa(letters);
  };
}
