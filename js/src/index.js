// SPDX-License-Identifier: Apache-2.0
// The package as its users see it; types and documentation are in index.d.ts.

export { Client, connect, FrameSkipped, ServerError } from "./client.js";
export { encodePly } from "./ply.js";
export { openSocket } from "./socket.js";
export { chooseCodec } from "./video/codecs.js";
export { ChunkReader } from "./video/chunks.js";
export { VideoPeer } from "./video/peer.js";
export { packAccessUnit } from "./video/unit.js";
export { VideoUplink } from "./video/uplink.js";
export { AXES } from "./wire/axes.js";
export { cloudOfPoints } from "./wire/f32.js";
export { decodeCloud, decoderReady } from "./wire/message.js";
export { pointsOf } from "./wire/points.js";
export { depthOf, NO_LEVEL, pictureMapping, positionOf } from "./wire/unproject.js";
