// SPDX-License-Identifier: Apache-2.0
// A program that has no types of browsers (lib "es2022" alone); types_test.mjs compiles it.

import { connect, encodePly, openSocket, pointsOf, type PointsCloud, VideoPeer } from "depthcloud";

export async function plyOf(photo: Uint8Array): Promise<Uint8Array> {
  const client = await connect("127.0.0.1:8000", { encoding: "q16" });
  const cloud = await client.send(photo);
  client.close();
  return encodePly(pointsOf(cloud));
}

export function fieldOfView({ width, intrinsics }: PointsCloud): number | undefined {
  return width && intrinsics && 2 * Math.atan(width / 2 / intrinsics[0]);
}

openSocket("127.0.0.1:8000").addEventListener("open", () => undefined);
// @ts-expect-error: an address is a text here
void connect(5);
// @ts-expect-error: a socket has no such method
openSocket("127.0.0.1:8000").sendAll();
new VideoPeer({ sendJson: () => undefined }).start({}, { iceServers: [{ urls: "stun:127.0.0.1" }] });
