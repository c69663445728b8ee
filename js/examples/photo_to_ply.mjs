// SPDX-License-Identifier: Apache-2.0
// A photo's cloud from a running server: node photo_to_ply.mjs http://127.0.0.1:8000 photo.jpg photo.ply
import { readFile, writeFile } from "node:fs/promises";
import { connect, encodePly, pointsOf } from "depthcloud";

const [server, photo, out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node photo_to_ply.mjs http://HOST:PORT PHOTO OUT.ply");
  process.exit(2);
}
const client = await connect(server, { token: process.env.DEPTHCLOUD_TOKEN, stride: 1 });
const cloud = await client.send(await readFile(photo));
await writeFile(out, encodePly(pointsOf(cloud)));
console.log(`${cloud.count} points`);
client.close();
