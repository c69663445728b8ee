// SPDX-License-Identifier: Apache-2.0

// Types of browsers, where the program has them (lib "dom", @types/node); without, what of them is needed here.
type Known<Name extends string, Without> = typeof globalThis extends Record<Name, { prototype: infer Type }>
  ? Type
  : Without;
type Address = string | Known<"URL", never>;
type Track = Known<"MediaStreamTrack", object>;
type Picture = typeof globalThis extends { OffscreenCanvasRenderingContext2D: { prototype: { drawImage: infer Draw } } }
  ? Draw extends (image: infer Image, ...rest: never) => void
    ? Image
    : object
  : object;
interface PlainSocket {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array | ArrayBuffer): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "message" | "close" | "error", listener: (event: never) => void): void;
}
interface IceServer {
  urls: string | string[];
  username?: string;
  credential?: string;
}

/**
 * Axes of points. `opengl`: x right, y up, z backward (three.js, Blender, MeshLab); `opencv`: x right, y down,
 * z forward; `v1`, those of messages: x right, y up, z forward, which is left-handed; `ros`: x forward, y left, z up.
 */
export type Axes = "opengl" | "opencv" | "v1" | "ros";
export declare const AXES: readonly Axes[];

export type Encoding = "f32" | "q16" | "depth";
type Vector = [x: number, y: number, z: number];

/** What every cloud says. Coordinates are in axes v1, in metres if `isMetric`, else in an arbitrary unit. */
interface CloudBase {
  encoding: Encoding;
  /** Points, at least 0. */
  count: number;
  /** The frame of this client that the cloud answers; of merged clouds, the number of the set. */
  frameId?: number;
  /** Seconds by the clock of the sender of the frame. */
  captureTs?: number;
  /** Milliseconds that the frame spent in each stage. */
  stageMs?: Record<string, number>;
  /** Cameras of a merged cloud; undefined for a cloud of one camera. */
  numViews?: number;
  /** Whether the message says that the unit is metres. */
  isMetric: boolean;
  /** When the message was made: ISO 8601, as it came. */
  timestamp?: string;
  /** The edges at depth 1, in axes v1, of what the camera saw; undefined where the message has no camera. */
  frustum?: { left: number; right: number; top: number; bottom: number };
  /** Angle between neighbouring points as their camera saw them, radians; a guess where no grid says. */
  spacing: number;
  /** Quantiles of each coordinate (2 %, 50 %, 98 %), from a sample of the points. */
  low: Vector;
  middle: Vector;
  high: Vector;
}

/** Points one by one: coordinate = origin + scale * position. */
export interface PointsCloud extends CloudBase {
  kind: "points";
  /** x y z of each point. */
  positions: Float32Array | Uint16Array;
  /** r g b of each point. */
  colors: Uint8Array;
  origin: Vector;
  scale: number;
  /** Size of the image plane of the points' camera, pixels; undefined of a merged cloud, and where nothing says. */
  width?: number;
  height?: number;
  /** fx, fy, cx, cy in pixels of that plane; undefined likewise. */
  intrinsics?: [number, number, number, number];
}

/** The depth grid of one camera, `rows` x `columns` levels in raster order, for a vertex shader to unproject. */
export interface GridCloud extends CloudBase {
  kind: "grid";
  columns: number;
  rows: number;
  /** Size of the depth map, of which the grid is every `stride`-th row and column. */
  width: number;
  height: number;
  stride: number;
  /** fx, fy, cx, cy in pixels of the depth map. */
  intrinsics: [number, number, number, number];
  near: number;
  step: number;
  /** depth = near * 2 ** (level * step); NO_LEVEL where there is no point. */
  levels: Uint16Array;
  /** The colours, a JPEG of columns x rows pixels; undefined: those of the client's own frame. */
  jpeg?: Uint8Array;
  /** The edges of the picture at depth 1: what the camera saw. */
  frustum: { left: number; right: number; top: number; bottom: number };
}

export type Cloud = PointsCloud | GridCloud;

/**
 * Prepares the decoder; to be awaited once before the first decodeCloud, which else throws for the encoding `depth`.
 * connect() does it.
 */
export declare function decoderReady(): Promise<void>;

/**
 * Reads one message of docs/wire-format.md. The result has memory of its own. Throws an Error whose text names
 * the key at fault. Memory is allocated only for what the message holds, or for a grid of at most 16 million pixels.
 */
export declare function decodeCloud(packet: ArrayBuffer | Uint8Array): Cloud;

/** RGBA pixels, for instance ImageData. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}

/** N points, the caller's own. */
export interface Points {
  /** x y z of each point. */
  positions: Float32Array;
  /** r g b of each point. */
  colors: Uint8Array;
  axes: Axes;
}

/**
 * Returns the points of any cloud, by default in axes `opengl`. `pixels` colours a grid: the decoded `jpeg`, or the
 * client's own frame; without it, the points of a grid are white. Throws a TypeError or RangeError that names what is no
 * cloud, axes or pixels.
 */
export declare function pointsOf(cloud: Cloud, options?: { axes?: Axes; pixels?: Pixels }): Points;

/** Returns a cloud like those of messages with points from elsewhere, which are copied. */
export declare function cloudOfPoints(points: Points): PointsCloud;

/** Returns a binary PLY file that states its axes in a comment. */
export declare function encodePly(points: Points): Uint8Array;

/** The level of a sample of a grid that has no point. */
export declare const NO_LEVEL: number;
/** Returns the depth of a level. */
export declare function depthOf(grid: Pick<GridCloud, "near" | "step">, level: number): number;
/** Returns the point of sample `index` of a grid at depth `z`, in axes v1. */
export declare function positionOf(
  grid: Pick<GridCloud, "columns" | "stride" | "intrinsics">,
  index: number,
  z: number,
): Vector;
/**
 * Returns where the samples of a grid lie in the picture that colours it, as shares of it: sample (column, row) at
 * (column, row) * scale + offset.
 */
export declare function pictureMapping(grid: GridCloud): { scale: [number, number]; offset: [number, number] };

/** Options of a connection: the keys of a `configure` message of docs/server.md. Unknown ones are refused there. */
export interface ClientOptions {
  encoding?: Encoding;
  colors?: "jpeg" | "client";
  relative_error?: number;
  jpeg_quality?: number;
  stride?: number;
  min_confidence?: number;
  confidence_percentile?: number;
  min_depth?: number;
  max_depth?: number | null;
  edge_threshold?: number;
  max_points?: number;
  extrinsics?: number[] | null;
}

export interface ConnectOptions extends ClientOptions {
  /** The server's --token. */
  token?: string;
  /** How long to wait for an answer, milliseconds, above 0; 30,000 by default. */
  timeout?: number;
  /**
   * Called with each error that answers nothing that is awaited: the photo of a camera that the server cannot read, a
   * cloud that nobody asked for and that cannot be decoded. By default they are printed by console.warn.
   */
  onError?: (error: Error) => void;
}

/**
 * Connects to a server, for instance "http://127.0.0.1:8000"; "127.0.0.1:8000" is the same. Rejects if it does not
 * answer, wants another token or refuses an option, and with a TypeError if `url` is no address.
 */
export declare function connect(url: Address, options?: ConnectOptions): Promise<Client>;

/**
 * A connection. Iterating over it gives the clouds as they come, the newest where they come faster than they are
 * taken, until the connection ends.
 */
export declare class Client implements AsyncIterable<Cloud> {
  private constructor();
  /**
   * Sends a JPEG or PNG and resolves with its cloud. Rejects with a ServerError if the server cannot read the photo,
   * with FrameSkipped if it answered a newer one instead, with a TypeError if `photo` holds no bytes, with a RangeError
   * if it has more than the server takes, and with an Error if the connection ends or nothing comes in time. No frame
   * is skipped while each is awaited before the next. captureTs: seconds, returned with the cloud.
   *
   * A registered camera gets no cloud: for it the promise resolves with undefined as soon as the photo is on its way,
   * and a photo that the server cannot read goes to `onError`. (The type is that of all other clients.)
   */
  send(photo: Uint8Array | ArrayBuffer, options?: { captureTs?: number }): Promise<Cloud>;
  /** Changes options; resolves with the server's answer, all that is in force. Rejects with a ServerError. */
  configure(options: ClientOptions): Promise<Record<string, unknown>>;
  /**
   * Becomes one of several cameras, or a viewer of the cloud merged from them, which comes by iteration. Resolves when
   * the server has agreed. Rejects with a ServerError, for instance if it has no room for another camera, and with a
   * TypeError for another role.
   */
  register(role: "camera" | "viewer"): Promise<void>;
  close(): void;
  [Symbol.asyncIterator](): AsyncIterator<Cloud>;
}

/** An error of the server; code and stage are those of depthcloud::Error. */
export declare class ServerError extends Error {
  code: string;
  stage: string;
  frameId?: number;
}

export declare class FrameSkipped extends Error {
  frameId: number;
}

/**
 * Opens the WebSocket of a server, for a client of one's own. Throws a TypeError for a token that cannot be sent and
 * for what is no address. In Node it is that of the package ws.
 */
export declare function openSocket(url: Address, token?: string | null): Known<"WebSocket", PlainSocket>;

/** What the server may be sent as video. */
export type VideoCodec = "h264" | "vp8" | "vp9" | "av1";

/**
 * Returns the binary message of an access unit. time: of its capture, a whole number of microseconds from 0 to
 * 2^53 - 1 by any clock, which comes back with the cloud as `captureTs` in seconds. Throws a TypeError for another.
 */
export declare function packAccessUnit(unit: {
  data: Uint8Array | ArrayBuffer;
  isKey: boolean;
  time: number;
}): Uint8Array;

/**
 * Returns the first codec that the server decodes (`video_codecs` of its "configured" message) and this browser
 * encodes in pictures of this size; undefined if there is none or no WebCodecs.
 */
export declare function chooseCodec(
  serverCodecs: readonly string[],
  size: { width: number; height: number; hardware?: HardwareAcceleration },
): Promise<VideoCodec | undefined>;

type HardwareAcceleration = "no-preference" | "prefer-hardware" | "prefer-software";

/** The connection that a VideoUplink sends over, for instance one around an openSocket(). */
export interface VideoConnection {
  readonly bufferedAmount: number;
  send(message: Uint8Array): void;
  sendJson(message: Record<string, unknown>): void;
}

export interface VideoUplinkOptions {
  hardware?: HardwareAcceleration;
  /** Pictures a second that will come; 30 by default. */
  frameRate?: number;
  /** Bits a second; 150,000 by default. */
  minBitrate?: number;
  /** Bits a second; 8,000,000 by default. Small pictures never have that many. */
  maxBitrate?: number;
  /** A unit was sent. */
  onSent?(unit: { time: number; isKey: boolean; bytes: number }): void;
  /** The video has failed, and send() of photos has to do. start() may be called again. */
  onProblem?(error: Error): void;
}

/**
 * Encodes pictures by WebCodecs and sends them as video. Bitrate and size follow what waits in the connection and
 * the latency that it is told. Browsers have WebCodecs in secure contexts only: HTTPS or localhost.
 */
export declare class VideoUplink {
  constructor(connection: VideoConnection, options?: VideoUplinkOptions);
  /** Whether this browser has WebCodecs for this page. */
  static readonly isSupported: boolean;
  /** "open": pictures may come; "failed": onProblem was called. */
  readonly state: "idle" | "choosing" | "asked" | "open" | "failed";
  readonly codec: VideoCodec | undefined;
  /** Bits a second, as they are asked of the encoder now. */
  readonly bitrate: number;
  /** Whether the next picture can go out; if not, it is to be left out. */
  readonly isReady: boolean;
  /** Begins, or begins anew: chooses a codec and asks the server. To be called for each new connection. */
  start(serverCodecs: readonly string[], size: { width: number; height: number }): Promise<void>;
  /** Ends; forgets what is being encoded. */
  stop(): void;
  /** To be called with each JSON message of the server. */
  receive(message: { type?: string; codec?: unknown; message?: unknown; frame_id?: number }): void;
  /** The size at which a picture of this size is to be given to encode(). */
  fit(width: number, height: number): { width: number; height: number };
  /** A cloud came back so long after its picture was captured, in milliseconds. */
  latency(ms: number): void;
  /**
   * Encodes a picture, captured at `capturedAt` as performance.now() counts. The size may change from one to the next.
   * Returns the time of its unit, as onSent will get it; undefined if the video is not open or has failed.
   */
  encode(picture: Picture, capturedAt: number): number | undefined;
}

export interface VideoPeerOptions {
  /** Media may flow. */
  onOpen?(): void;
  /** It did not come about, or broke off. start() may be called again. */
  onProblem?(error: Error): void;
  /** Which way the media takes; called every second while it is open. */
  onPath?(path: VideoPath): void;
  /** A cloud that came over the data channel, for decodeCloud(). */
  onPacket?(packet: ArrayBuffer): void;
}

export interface VideoPath {
  /** Straight, through address translation, or through a TURN server. */
  kind: "host" | "reflexive" | "relay";
  /** "UDP", "TCP" or "TLS": how this side's first leg goes. */
  protocol: string;
}

/**
 * Sends a track to the server over WebRTC, with signalling over a connection; the browser adapts bitrate and size. For
 * browsers, and servers whose `configured` has `webrtc`.
 */
export declare class VideoPeer {
  constructor(connection: Pick<VideoConnection, "sendJson">, options?: VideoPeerOptions);
  readonly state: "idle" | "connecting" | "open";
  readonly path: VideoPath | null;
  /** Over all connections so far, as far as is known. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /**
   * Begins, or begins anew. iceServers: `webrtc.ice_servers` of the server's `configured`. codecs: its `video_codecs`,
   * the favourite first. clouds: which way they come back, "websocket" by default.
   */
  start(
    track: Track,
    options?: { iceServers?: IceServer[]; codecs?: readonly string[]; clouds?: "websocket" | "channel" },
  ): void;
  /** Ends it here; `{"type":"webrtc_offer","sdp":null}` ends it at the server too. */
  stop(): void;
  /** To be called with each JSON message of the server. */
  receive(message: { type?: string }): void;
}

/** Puts messages of the server's data channel together from their chunks; only the newest matters. */
export declare class ChunkReader {
  /** Returns the message that this chunk completes, or undefined. */
  push(chunk: ArrayBuffer): ArrayBuffer | undefined;
}
