// SPDX-License-Identifier: Apache-2.0
// The part of the C API that photo_to_ply.mjs needs. C believes what it is told about memory, so every
// argument is checked before it goes there, and nothing handed out lies in memory that C may free.
// DEPTHCLOUD_LIBRARY names the library where it is not installed.
import koffi from "koffi";

const ABI_VERSION = 2;
const FILE = `libdepthcloud_c.so.${ABI_VERSION}`;
const library = load(process.env.DEPTHCLOUD_LIBRARY || FILE);

function load(file) {
  try {
    const loaded = koffi.load(file);
    loaded.func("dcl_version", "const char *", []);
    return loaded;
  } catch ({ message }) {
    throw new Error(`${file}: ${message.trim()}. Name the library, DEPTHCLOUD_LIBRARY=BUILD/capi/${FILE}, or install it`);
  }
}

const ImageView = koffi.struct("dcl_image_view", {
  struct_size: "uint32_t",
  format: "int32_t",
  data: "uint8_t *",
  width: "int32_t",
  height: "int32_t",
  stride: "int64_t",
  photo_width: "int32_t",
  photo_height: "int32_t",
  focal_px: "double",
});
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
const processPhoto = declare(
  "dcl_pipeline_process",
  "dcl_pipeline *", "const void *", "size_t", "void *", "_Out_ dcl_frame **",
);
const processImage = declare(
  "dcl_pipeline_process_image",
  "dcl_pipeline *", "const dcl_image_view *", "void *", "_Out_ dcl_frame **",
);
const frameGetCloud = declare("dcl_frame_get_cloud", "dcl_frame *", "_Inout_ dcl_cloud_view *");
const writePly = declare("dcl_cloud_write_ply", "const char *", "const dcl_cloud_view *");
const free = (type) => library.func(`${type}_free`, "void", [`${type} *`]);

/** One handle of the library, until close(). */
class Handle {
  #raw;
  #free;

  constructor(free, make) {
    const raw = [null];
    make(raw);
    [this.#raw, this.#free] = [raw[0], free];
  }

  get raw() {
    if (!this.#raw) throw new Error(`the ${this.constructor.name} is closed`);
    return this.#raw;
  }

  close() {
    if (this.#raw) this.#free(this.#raw);
    this.#raw = null;
  }
}

export class Model extends Handle {
  static #free = free("dcl_model");

  /** source: "builtin", or a file or folder of weights. */
  constructor(source) {
    requireText("source", source);
    super(Model.#free, (raw) => modelLoad(ABI_VERSION, source, null, raw));
  }
}

export class Pipeline extends Handle {
  static #free = free("dcl_pipeline");

  constructor(model) {
    if (!(model instanceof Model)) throw new TypeError(`model must be a Model, not ${kindOf(model)}`);
    super(Pipeline.#free, (raw) => pipelineCreate(model.raw, null, raw));
  }

  /** photo: the bytes of a JPEG, PNG, ... */
  process(photo) {
    requireBytes("photo", photo);
    return new Frame((raw) => processPhoto(this.raw, photo, photo.length, null, raw));
  }

  /** Pixels row by row, without gaps. format: "rgb", "bgr", "rgba", "bgra" or "gray". */
  processImage({ data, width, height, format = "rgb" }) {
    requireBytes("data", data);
    requireSide("width", width);
    requireSide("height", height);
    if (!Object.hasOwn(FORMATS, format)) {
      throw new TypeError(`format must be one of ${Object.keys(FORMATS).join(", ")}, not ${format}`);
    }
    const { value, channels } = FORMATS[format];
    if (data.length !== width * height * channels) {
      const needed = `${height} x ${width} x ${channels} = ${width * height * channels}`;
      throw new RangeError(`data holds ${data.length} bytes, not ${needed}`);
    }
    const view = { struct_size: koffi.sizeof(ImageView), format: value, data, width, height, stride: 0 };
    Object.assign(view, { photo_width: 0, photo_height: 0, focal_px: 0 });
    return new Frame((raw) => processImage(this.raw, view, null, raw));
  }
}

class Frame extends Handle {
  static #free = free("dcl_frame");
  #cloud = { struct_size: koffi.sizeof(CloudView), axes: 0, positions: null, colors: null };

  constructor(make) {
    super(Frame.#free, make);
    Object.assign(this.#cloud, { size: 0, num_views: 0, reserved: 0 });
    frameGetCloud(this.raw, this.#cloud);
  }

  get size() {
    return this.#cloud.size;
  }

  /** x y z of each point: a copy, which stays when the frame is closed. */
  get positions() {
    const { raw } = this; // throws when it is closed
    if (!raw || this.size === 0) return new Float32Array(0);
    return new Float32Array(koffi.view(this.#cloud.positions, 12 * this.size)).slice();
  }

  writePly(path) {
    requireText("path", path);
    if (this.raw) writePly(path, this.#cloud);
  }
}

const FORMATS = {
  rgb: { value: 0, channels: 3 },
  bgr: { value: 1, channels: 3 },
  rgba: { value: 2, channels: 4 },
  bgra: { value: 3, channels: 4 },
  gray: { value: 4, channels: 1 },
};

function kindOf(value) {
  return value === null ? "null" : (value?.constructor?.name ?? typeof value);
}

function requireText(name, value) {
  if (typeof value !== "string") throw new TypeError(`${name} must be a string, not ${kindOf(value)}`);
  if (value.includes("\0")) throw new TypeError(`${name} must not hold a zero character`);
}

/** One row of bytes: not an array of rows, not numbers of another size. */
function requireBytes(name, value) {
  if (!(value instanceof Uint8Array) && !(value instanceof Uint8ClampedArray)) {
    throw new TypeError(`${name} must be a Uint8Array, not ${kindOf(value)}`);
  }
  if (value.length === 0) throw new RangeError(`${name} is empty`);
}

function requireSide(name, value) {
  if (!Number.isInteger(value) || value < 1 || value > 0x7fffffff) {
    throw new RangeError(`${name} must be a whole number of pixels, at least 1, not ${value}`);
  }
}
