// SPDX-License-Identifier: Apache-2.0
// Uses all of the package as a TypeScript program would; types_test.mjs compiles it.

import {
  AXES,
  chooseCodec,
  type Client,
  type Cloud,
  cloudOfPoints,
  connect,
  decodeCloud,
  decoderReady,
  depthOf,
  encodePly,
  FrameSkipped,
  NO_LEVEL,
  openSocket,
  packAccessUnit,
  pictureMapping,
  type Points,
  pointsOf,
  positionOf,
  ServerError,
  type VideoCodec,
  VideoUplink,
} from "depthcloud";

export async function pointsOfPhoto(photo: Uint8Array): Promise<Points> {
  const client: Client = await connect("http://127.0.0.1:8000", {
    token: "secret",
    encoding: "depth",
    stride: 2,
    onError: ({ message }) => console.log(message),
  });
  try {
    const cloud = await client.send(photo, { captureTs: 1.5 });
    const answer: Record<string, unknown> = await client.configure({
      confidence_percentile: 10,
      min_depth: 0.5,
      max_depth: null,
      edge_threshold: 0.03,
      extrinsics: null,
    });
    console.log(answer.stride);
    return pointsOf(cloud, { axes: "opencv" });
  } catch (error) {
    if (error instanceof ServerError) console.log(error.code, error.stage, error.frameId);
    if (error instanceof FrameSkipped) console.log(error.frameId);
    throw error;
  } finally {
    client.close();
  }
}

export async function watch(client: Client): Promise<void> {
  await client.register("viewer");
  for await (const { numViews, frameId, stageMs, isMetric } of client) {
    console.log(numViews ?? 1, frameId, stageMs?.infer, isMetric);
  }
}

export async function read(packet: ArrayBuffer): Promise<number> {
  await decoderReady();
  const cloud: Cloud = decodeCloud(packet);
  if (cloud.kind === "points") return cloud.positions.length + cloud.origin[0] + cloud.scale;
  const [x] = positionOf(cloud, 0, depthOf(cloud, cloud.levels[0] ?? NO_LEVEL));
  return x + pictureMapping(cloud).scale[0] + cloud.frustum.left;
}

const points: Points = { positions: new Float32Array(3), colors: new Uint8Array(3), axes: AXES[0] ?? "opengl" };
export const file: Uint8Array = encodePly(points);
export const socket: WebSocket = openSocket("https://example.org", null);
export const far: number = cloudOfPoints(points).high[2];

export async function sendVideo(socket: WebSocket, video: HTMLVideoElement): Promise<VideoCodec | undefined> {
  const connection = {
    bufferedAmount: 0,
    send: (bytes: Uint8Array) => socket.send(new Uint8Array(bytes)),
    sendJson: (message: object) => socket.send(JSON.stringify(message)),
  };
  const uplink = new VideoUplink(connection, { hardware: "prefer-hardware", onProblem: ({ message }) => alert(message) });
  await uplink.start(["h264"], uplink.fit(640, 480));
  uplink.receive({ type: "keyframe_request" });
  uplink.latency(80);
  const time: number | undefined = uplink.isReady ? uplink.encode(video, performance.now()) : undefined;
  if (time) connection.send(packAccessUnit({ data: new Uint8Array(4), isKey: true, time }));
  if (!VideoUplink.isSupported || uplink.state === "failed") uplink.stop();
  return chooseCodec(["vp8"], { width: 640, height: 480 });
}

// @ts-expect-error: a text is no picture
void ((uplink: VideoUplink) => uplink.encode("photo.jpg", 0));
// @ts-expect-error: a number is no address
void connect(8000);
// @ts-expect-error: a connection needs sendJson
void new VideoUplink({ bufferedAmount: 0, send: () => {} });
// @ts-expect-error: no such option
void connect("http://127.0.0.1:8000", { min_confidance: 99 });
// @ts-expect-error: no such encoding
void connect("http://127.0.0.1:8000", { encoding: "f64" });
// @ts-expect-error: a text is no photo
void ((client: Client) => client.send("photo.jpg"));
// @ts-expect-error: a role is camera or viewer
void ((client: Client) => client.register("guest"));
// @ts-expect-error: axes are missing
void encodePly({ positions: new Float32Array(3), colors: new Uint8Array(3) });
// @ts-expect-error: a grid has no positions
void ((cloud: Cloud) => cloud.positions);
