// SPDX-License-Identifier: Apache-2.0
// Which codec is sent: the first one that the server decodes and this browser encodes.

// Largest number of pixels of a picture at a level of each codec, at 30 pictures a second.
const HD = 1280 * 720;
const FULL_HD = 1920 * 1088;

/** Codec strings by the server's name of a codec, in order of preference; level: 0 up to HD, 1 up to full HD, 2 above. */
const CODEC_STRINGS = {
  h264: ["avc1.42E01F", "avc1.42E028", "avc1.42E033"],
  vp8: ["vp8", "vp8", "vp8"],
  vp9: ["vp09.00.31.08", "vp09.00.41.08", "vp09.00.51.08"],
  av1: ["av01.0.05M.08", "av01.0.08M.08", "av01.0.12M.08"],
};

export function encoderConfig(codec, { width, height, bitrate, frameRate, hardware }) {
  const pixels = width * height;
  return {
    codec: CODEC_STRINGS[codec][pixels <= HD ? 0 : pixels <= FULL_HD ? 1 : 2],
    width,
    height,
    bitrate,
    framerate: frameRate,
    hardwareAcceleration: hardware,
    latencyMode: "realtime",
    ...(codec === "h264" && { avc: { format: "annexb" } }),
  };
}

export async function chooseCodec(serverCodecs, size, Encoder = globalThis.VideoEncoder) {
  if (!Encoder) return undefined;
  const wanted = { bitrate: 1_000_000, frameRate: 30, hardware: "no-preference", ...size };
  for (const codec of Object.keys(CODEC_STRINGS)) {
    if (!serverCodecs.includes(codec)) continue;
    const answer = await Encoder.isConfigSupported(encoderConfig(codec, wanted)).catch(() => undefined);
    if (answer?.supported) return codec;
  }
  return undefined;
}
