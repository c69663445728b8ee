// SPDX-License-Identifier: Apache-2.0
// A photo becomes a coloured point cloud: node photo_to_ply.mjs PHOTO.jpg OUT.ply
// DEPTHCLOUD_LIBRARY names the library where it is not installed.
import { readFileSync } from "node:fs";
import koffi from "koffi";

const ABI_VERSION = 2;
const library = koffi.load(process.env.DEPTHCLOUD_LIBRARY ?? "libdepthcloud_c.so.2");

const CloudView = koffi.struct("dcl_cloud_view", {
  struct_size: "uint32_t",
  axes: "int32_t",
  positions: "float *",
  colors: "uint8_t *",
  size: "size_t",
  num_views: "int32_t",
  reserved: "int32_t",
});
const DclError = koffi.struct("dcl_error", {
  struct_size: "uint32_t",
  status: "int32_t",
  stage: "int32_t",
  message: koffi.array("char", 500, "String"),
});
for (const handle of ["dcl_model", "dcl_pipeline", "dcl_frame"]) koffi.opaque(handle);

/** A function of depthcloud.h that throws what its last parameter, the error, tells. */
function declare(name, ...parameters) {
  const call = library.func(name, "int32_t", [...parameters, "_Inout_ dcl_error *"]);
  return (...values) => {
    const error = { struct_size: koffi.sizeof(DclError), status: 0, stage: 0, message: "" };
    const status = call(...values, error);
    if (status < 0) throw new Error(`${error.message} (${status})`);
  };
}
const modelLoad = declare("dcl_model_load", "uint32_t", "const char *", "void *", "_Out_ dcl_model **");
const pipelineCreate = declare("dcl_pipeline_create", "dcl_model *", "void *", "_Out_ dcl_pipeline **");
const process_ = declare(
  "dcl_pipeline_process",
  "dcl_pipeline *", "const void *", "size_t", "void *", "_Out_ dcl_frame **",
);
const frameGetCloud = declare("dcl_frame_get_cloud", "dcl_frame *", "_Inout_ dcl_cloud_view *");
const writePly = declare("dcl_cloud_write_ply", "const char *", "const dcl_cloud_view *");
const free = (type) => library.func(`${type}_free`, "void", [`${type} *`]);
const [freeModel, freePipeline, freeFrame] = ["dcl_model", "dcl_pipeline", "dcl_frame"].map(free);

/** The points of a frame without a copy; they must not be used after the frame is freed. */
function positionsOf(cloud) {
  const bytes = cloud.size * 3 * Float32Array.BYTES_PER_ELEMENT;
  return new Float32Array(koffi.view(cloud.positions, bytes));
}

const [photo, out] = process.argv.slice(2);
if (!out) process.exit(2);
const model = [null];
const pipeline = [null];
const frame = [null];
try {
  modelLoad(ABI_VERSION, "builtin", null, model);
  pipelineCreate(model[0], null, pipeline);
  const jpeg = readFileSync(photo);
  process_(pipeline[0], jpeg, jpeg.length, null, frame);
  const cloud = { struct_size: koffi.sizeof(CloudView), axes: 0, positions: null, colors: null };
  Object.assign(cloud, { size: 0, num_views: 0, reserved: 0 });
  frameGetCloud(frame[0], cloud);
  writePly(out, cloud);
  const nearest = positionsOf(cloud).reduce((z, value, i) => (i % 3 === 2 ? Math.min(z, value) : z), Infinity);
  console.log(`${cloud.size} points, the nearest at ${nearest.toFixed(3)}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  freeFrame(frame[0]);
  freePipeline(pipeline[0]);
  freeModel(model[0]);
}
