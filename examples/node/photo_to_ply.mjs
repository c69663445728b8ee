// SPDX-License-Identifier: Apache-2.0
// A photo becomes a coloured point cloud: node photo_to_ply.mjs PHOTO.jpg OUT.ply
import { readFileSync } from "node:fs";

const [photo, out] = process.argv.slice(2);
if (!out) {
  console.error("usage: node photo_to_ply.mjs PHOTO OUT.ply");
  process.exit(2);
}
try {
  const { Model, Pipeline } = await import("./depthcloud.mjs"); // which loads the library
  const model = new Model("builtin");
  const pipeline = new Pipeline(model);
  const frame = pipeline.process(readFileSync(photo));
  frame.writePly(out);
  const nearest = frame.positions.reduce((z, value, i) => (i % 3 === 2 ? Math.min(z, value) : z), Infinity);
  console.log(`${frame.size} points, the nearest at ${nearest.toFixed(3)}`);
  for (const handle of [frame, pipeline, model]) handle.close();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
