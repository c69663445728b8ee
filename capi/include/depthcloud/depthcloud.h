/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file depthcloud.h
 * The C API: a camera frame in, a coloured point cloud and its msgpack packet out.
 *
 * @code
 *   dcl_error err = DCL_ERROR_INIT;
 *   dcl_model *model = NULL;
 *   dcl_pipeline *pipeline = NULL;
 *   dcl_frame *frame = NULL;
 *   dcl_cloud_view cloud = DCL_CLOUD_VIEW_INIT;
 *   if (dcl_model_load(DCL_ABI_VERSION, "builtin", NULL, &model, &err) < 0 ||
 *       dcl_pipeline_create(model, NULL, &pipeline, &err) < 0 ||
 *       dcl_pipeline_process(pipeline, jpeg, jpeg_size, NULL, &frame, &err) < 0 ||
 *       dcl_frame_get_cloud(frame, &cloud, &err) < 0 ||
 *       dcl_cloud_write_ply("photo.ply", &cloud, &err) < 0) {
 *     fprintf(stderr, "%s: %s\n", dcl_stage_name(err.stage), err.message);
 *   }
 *   dcl_frame_free(frame);
 *   dcl_pipeline_free(pipeline);
 *   dcl_model_free(model);
 * @endcode
 *
 * These rules hold for every function, unless its comment states otherwise:
 * - It returns a ::dcl_status: negative is an error, 0 is success, positive is success with extra
 *   information. On an error it also writes a one-line message to `err`, which may be NULL.
 * - On an error, all other output parameters are unchanged. No function throws, prints, aborts or
 *   exits.
 * - The caller owns every handle that it receives through a `dcl_something **` or in a callback.
 *   It frees the handle with `dcl_something_free`, in any order, on any thread. Every free function
 *   accepts NULL.
 * - Pointers in structs that a function fills in are borrowed. They are valid until the handle that
 *   the function was called on is freed.
 * - Inputs are read only during the call. Strings are UTF-8 and end in a zero byte.
 * - A struct begins with `struct_size`. Its DCL_..._INIT macro sets this field and zeroes the rest.
 *   In options, zero means the default, and a NULL pointer means all defaults. A struct of another
 *   release of the same ABI version may have another size; if it sets a field that the library
 *   does not know, the call returns DCL_E_UNSUPPORTED. Leave fields called `reserved` at 0.
 * - Thread-safe are functions without a handle; models, photos, depth maps, frames and packets;
 *   clouds while no thread changes them; gates, streams and latency recorders. Use a pipeline or a
 *   cloud builder from one thread at a time. No thread may use a handle that is being freed.
 *
 * Points are in the camera frame, in the unit of the depth. Their axes are x right, y down,
 * z forward, unless the options set others. docs/abi.md states what stays compatible from release
 * to release.
 */
#ifndef DEPTHCLOUD_DEPTHCLOUD_H
#define DEPTHCLOUD_DEPTHCLOUD_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define DCL_API __attribute__((visibility("default")))
#else
#define DCL_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The version of the ABI that this header describes. It changes only if existing programs would
 * break. */
#define DCL_ABI_VERSION 2u

/* ---- Status, errors, library -------------------------------------------------------------- */

/** The result of a call. Existing values never change; new ones may be added. */
typedef int32_t dcl_status;
enum {
  DCL_OK = 0,
  DCL_SKIPPED = 1,             /**< the frame was skipped: busy, too soon, or closed */
  DCL_REPLACED_OLDER = 2,      /**< the frame waits, and an older waiting frame was dropped */
  DCL_EMPTY = 3,               /**< no frame can be taken */
  DCL_E_INVALID_ARGUMENT = -1, /**< an option or argument is out of range */
  DCL_E_CORRUPT_DATA = -2,     /**< the bytes are damaged, truncated or in another format */
  DCL_E_UNSUPPORTED = -3,      /**< well-formed, but a kind that this library does not know */
  DCL_E_LIMIT_EXCEEDED = -4,   /**< larger than the limit */
  DCL_E_NOT_FOUND = -5,        /**< no such file or model */
  DCL_E_IO = -6,               /**< the operating system refused to read or write */
  DCL_E_UNAVAILABLE = -7,      /**< a device or feature that this machine or build lacks */
  DCL_E_OUT_OF_MEMORY = -8,    /**< host or device memory is exhausted */
  DCL_E_BAD_MODEL = -9,        /**< a model file that does not fit the network it names */
  DCL_E_INTERNAL = -10,        /**< a defect in the library or below it */
  DCL_E_CANCELLED = -11,       /**< dcl_model_cancel was called */
  DCL_E_ABI = -100             /**< the program was built for another ABI version */
};

/** The stages of a frame, in order; then the places of errors outside them. Existing values never
 * change. */
typedef int32_t dcl_stage;
enum {
  DCL_STAGE_DECODE = 0,
  DCL_STAGE_PREPROCESS = 1,
  DCL_STAGE_INFER = 2,
  DCL_STAGE_CLOUD = 3,
  DCL_STAGE_PACK = 4,
  DCL_STAGE_LOAD = 5,
  DCL_STAGE_FILE = 6,
  DCL_STAGE_CONTROL = 7,
  DCL_STAGE_METRIC = 8, /**< between infer and cloud: dcl_model_options.metric_model */
  DCL_STAGE_TOTAL = 100 /**< the sum of a frame's stages, in latency statistics */
};

/** Owned by the caller. A call fills it in if it fails and leaves it unchanged if it succeeds. */
typedef struct dcl_error {
  uint32_t struct_size;
  dcl_status status; /**< the status that the call returned */
  dcl_stage stage;
  char message[500]; /**< one line, ends in a zero byte */
} dcl_error;
#define DCL_ERROR_INIT \
  { sizeof(dcl_error), DCL_OK, 0, "" }

/** Return the ABI version and the release ("MAJOR.MINOR.PATCH", static storage) of the loaded
 * library. */
DCL_API uint32_t dcl_abi_version(void);
DCL_API const char* dcl_version(void);
/** Returns DCL_E_ABI unless the library supports this ABI version; pass DCL_ABI_VERSION.
 * dcl_model_load makes the same check, so only a program that loads no model must call this first.
 */
DCL_API dcl_status dcl_abi_check(uint32_t abi, dcl_error* err);

/** Return lower-case names for messages, in static storage; "unknown" for an unknown value. */
DCL_API const char* dcl_status_name(dcl_status status);
DCL_API const char* dcl_stage_name(dcl_stage stage);

/** Receives one line of the log, without a line end; level 0 debug, 1 info, 2 warning. Called from
 * any thread, but never from two at once. Must not call dcl_log_set. */
typedef void (*dcl_log_fn)(int32_t level, const char* line, void* user);
/** Sets the callback that receives the library's log; NULL (the default) discards it. After this
 * function returns, the previous callback is not called again. */
DCL_API dcl_status dcl_log_set(dcl_log_fn log, void* user, dcl_error* err);

/** A device that a network can run on here. */
typedef struct dcl_device_info {
  uint32_t struct_size;
  char name[16];         /**< "cpu", "cuda:0", "mps": what dcl_model_options takes */
  char description[108]; /**< for instance the GPU's name */
} dcl_device_info;
#define DCL_DEVICE_INFO_INIT \
  { sizeof(dcl_device_info), "", "" }

/** Writes the number of devices: at least 1, the CPU. */
DCL_API dcl_status dcl_device_get_count(size_t* count, dcl_error* err);
/** Describes one device; index 0 is the preferred one. */
DCL_API dcl_status dcl_device_get_info(size_t index, dcl_device_info* info, dcl_error* err);

/* ---- Values that several calls take ------------------------------------------------------- */

/** Pinhole intrinsics in pixels of one image size: the ray of pixel (u, v) is x = (u - cx) / fx,
 * y = (v - cy) / fy, z = 1, without a half-pixel shift. All zero: not given. */
typedef struct dcl_intrinsics {
  double fx;
  double fy;
  double cx;
  double cy;
} dcl_intrinsics;

/** Where intrinsics came from, in the order of preference. */
enum {
  DCL_INTRINSICS_OPTIONS = 0,
  DCL_INTRINSICS_MODEL = 1,
  DCL_INTRINSICS_EXIF = 2,
  DCL_INTRINSICS_DEFAULT_FOV = 3
};

/** Where metres come from. */
enum {
  DCL_METRES_UNKNOWN = 0,      /**< depth is not in metres, or its maker did not say */
  DCL_METRES_MODEL = 1,        /**< the network that estimated it */
  DCL_METRES_METRIC_MODEL = 2, /**< a second network beside it */
  DCL_METRES_KNOWN_DEPTH = 3,  /**< dcl_depth_map_apply_scale */
  DCL_METRES_MEASURED = 4      /**< a depth camera */
};

/** Directions of the camera axes. */
typedef int32_t dcl_axes;
enum {
  DCL_AXES_OPENCV = 0, /**< x right, y down, z forward */
  DCL_AXES_OPENGL = 1, /**< x right, y up, z backward */
  DCL_AXES_V1 = 2,     /**< x right, y up, z forward (left-handed): the axes of packets */
  DCL_AXES_ROS = 3     /**< x forward, y left, z up: REP 103 of ROS */
};

/** Order of the 8-bit samples of one pixel. */
typedef int32_t dcl_pixel_format;
enum {
  DCL_PIXEL_RGB = 0,
  DCL_PIXEL_BGR = 1,
  DCL_PIXEL_RGBA = 2,
  DCL_PIXEL_BGRA = 3,
  DCL_PIXEL_GRAY = 4,
  DCL_PIXEL_YUYV =
      5, /**< YUV 4:2:2, one plane: Y0 U Y1 V for each two pixels of a row. Input only */
  DCL_PIXEL_NV12 = 6 /**< YUV 4:2:0, two planes: Y; U V for each 2 x 2 pixels. Input only */
};

/** Of YUV: the weights of red, green and blue in Y, and the values of black and white. */
enum { DCL_YUV_BT601 = 0, DCL_YUV_BT709 = 1 };
enum {
  DCL_YUV_LIMITED = 0, /**< Y 16 to 235, U and V 16 to 240: most cameras and video */
  DCL_YUV_FULL = 1     /**< 0 to 255: JPEG, many phones */
};

/** Borrowed pixels. Every function that takes a view takes YUV, too, and converts it to RGB. */
typedef struct dcl_image_view {
  uint32_t struct_size;
  dcl_pixel_format format;
  const uint8_t* data;
  int32_t width;
  int32_t height;
  int64_t stride;        /**< bytes from one row to the next; 0: rows are packed. Less than a row
                              (rows that overlap or run backwards), and rows of more than 2^47
                              bytes together, are DCL_E_INVALID_ARGUMENT */
  int32_t photo_width;   /**< of the upright photo that this was scaled from; both 0: it was not */
  int32_t photo_height;  /**< intrinsics of dcl_model_options count in that photo's pixels */
  double focal_px;       /**< EXIF focal length in the photo's pixels; 0: not known */
  const uint8_t* chroma; /**< the second plane of NV12; NULL: it follows the first one */
  int64_t chroma_stride; /**< of that plane; 0: as `stride`, or packed if that is too little */
  int32_t yuv_matrix;    /**< of YUV: DCL_YUV_BT601 or DCL_YUV_BT709 */
  int32_t yuv_range;     /**< of YUV: DCL_YUV_LIMITED or DCL_YUV_FULL */
} dcl_image_view;
#define DCL_IMAGE_VIEW_INIT \
  { sizeof(dcl_image_view), 0, NULL, 0, 0, 0, 0, 0, 0.0, NULL, 0, 0, 0 }

/** Borrowed depth, z along the optical axis, on a grid of height x width, row-major, with packed
 * rows, of up to 2^47 bytes. A value that is not finite or not positive means no depth. Fields
 * marked "out" are ignored as inputs. */
typedef struct dcl_depth_view {
  uint32_t struct_size;
  int32_t width;
  int32_t height;
  int32_t is_metric; /**< out: 1 if the unit is known to be metres, else 0 */
  const float* depth;
  const float* confidence;   /**< in the model's own units; in: NULL means 1 everywhere */
  const uint8_t* sky;        /**< out: 1 where the model detects sky; NULL: not known */
  dcl_intrinsics intrinsics; /**< in pixels of this grid */
  int32_t intrinsics_source; /**< out: DCL_INTRINSICS_... */
  int32_t has_extrinsics;    /**< out: 1 if the model estimates the pose */
  double extrinsics[12];     /**< out: world to camera, row-major 3 x 4, axes opencv */
  double region[4];          /**< out: x, y, width, height of the part of the image that the grid
                                shows, as fractions: 0, 0, 1, 1 unless the network crops */
  const uint16_t* depth16;   /**< in: depth of 16-bit integers in place of `depth`, which is then
                                NULL;   0 means no depth */
  double depth_scale;        /**< in: metres of one step of depth16; 0: 0.001, millimetres */
  int32_t metres_source;     /**< out: DCL_METRES_... */
  int32_t reserved;          /**< must be 0 */
  const float* normals; /**< three values a pixel, x y z: unit vectors, axes opencv, towards the
                             camera, 0 where there is no depth; NULL: not known. With depth16
                             they have no effect */
} dcl_depth_view;
/* clang-format off */
#define DCL_DEPTH_VIEW_INIT                                                                        \
  { sizeof(dcl_depth_view), 0, 0, 0, NULL, NULL, NULL, {0.0, 0.0, 0.0, 0.0}, 0, 0,                  \
    {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0}, {0.0, 0.0, 0.0, 0.0},           \
    NULL, 0.0, 0, 0, NULL }
/* clang-format on */

/** A borrowed cloud: three floats and, if it has colours, three bytes per point, interleaved. Files
 * of a cloud without colours have no colour fields; messages are white. */
typedef struct dcl_cloud_view {
  uint32_t struct_size;
  dcl_axes axes;
  const float* positions; /**< x0 y0 z0 x1 y1 z1 ..., in the unit of the depth */
  const uint8_t* colors;  /**< r0 g0 b0 r1 g1 b1 ...; NULL: no colours */
  size_t size;            /**< number of points */
  int32_t num_views;      /**< number of registered cameras; 0: not merged */
  int32_t reserved;
  const float* normals; /**< unit vectors nx0 ny0 nz0 nx1 ...; NULL: no normals. Files have fields
                           for them; messages leave them out */
} dcl_cloud_view;
#define DCL_CLOUD_VIEW_INIT \
  { sizeof(dcl_cloud_view), 0, NULL, NULL, 0, 0, 0, NULL }

/** The caller's identification of a frame; returned with the result and written to the packet. */
typedef struct dcl_tag {
  uint32_t struct_size;
  uint32_t fields; /**< which of the next two are set: DCL_TAG_... or-ed */
  uint64_t frame_id;
  double capture_ts; /**< time by the caller's own clock, seconds; not interpreted */
} dcl_tag;
enum { DCL_TAG_FRAME_ID = 1, DCL_TAG_CAPTURE_TS = 2 };
#define DCL_TAG_INIT \
  { sizeof(dcl_tag), 0, 0, 0.0 }

/** Milliseconds that one frame spent in each stage. */
typedef struct dcl_stage_times {
  uint32_t struct_size;
  uint32_t reserved;
  double decode;
  double preprocess;
  double infer;
  double cloud;
  double pack;
  double metric; /**< between infer and cloud: the network of dcl_model_options.metric_model */
} dcl_stage_times;
#define DCL_STAGE_TIMES_INIT \
  { sizeof(dcl_stage_times), 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0 }

/** Exact percentiles (nearest rank) over the last 1024 frames, in milliseconds. */
typedef struct dcl_latency_summary {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t count; /**< frames since the start */
  double p50;
  double p95;
  double p99;
  double max;
} dcl_latency_summary;
#define DCL_LATENCY_SUMMARY_INIT \
  { sizeof(dcl_latency_summary), 0, 0, 0.0, 0.0, 0.0, 0.0 }

/* ---- Photo: encoded bytes as pixels ------------------------------------------------------- */

/** File formats of photos; those behind PNG are not in every build. */
enum {
  DCL_PHOTO_JPEG = 1,
  DCL_PHOTO_PNG = 2,
  DCL_PHOTO_WEBP = 4,
  DCL_PHOTO_HEIC = 8,
  DCL_PHOTO_AVIF = 16,
  DCL_PHOTO_TIFF = 32
};

typedef struct dcl_decode_options {
  uint32_t struct_size;
  dcl_pixel_format format;    /**< of the result */
  int32_t min_width;          /**< smallest upright size needed; both 0: full size. A JPEG is */
  int32_t min_height;         /**< decoded at 1/2, 1/4 or 1/8 if that is no smaller */
  int64_t max_pixels;         /**< checked before anything is allocated; 0: as memory allows */
  int32_t max_scans;          /**< of a progressive JPEG; 0: 100 */
  int32_t ignore_orientation; /**< 1: do not turn the photo upright */
  int32_t salvage;            /**< 1: take what is there of a photo that is cut short or corrupt */
  int32_t alpha;    /**< 1: RGB becomes RGBA, BGR becomes BGRA where the photo has transparency */
  uint32_t formats; /**< that are read: DCL_PHOTO_... or-ed; 0: all */
  int32_t ignore_color_profile; /**< 1: colours as they are stored, not as sRGB */
} dcl_decode_options;
#define DCL_DECODE_OPTIONS_INIT \
  { sizeof(dcl_decode_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/** A decoded photo. It owns its pixels and never changes. */
typedef struct dcl_photo dcl_photo;

/** Decodes the bytes of a photo, for the functions that take a ::dcl_image_view. Errors:
 * DCL_E_CORRUPT_DATA, UNSUPPORTED, UNAVAILABLE, LIMIT_EXCEEDED, OUT_OF_MEMORY, INVALID_ARGUMENT. */
DCL_API dcl_status dcl_photo_decode(const void* encoded, size_t size,
                                    const dcl_decode_options* options, dcl_photo** photo,
                                    dcl_error* err);
/** Fills in the pixels, borrowed from the photo, and the EXIF focal length. */
DCL_API dcl_status dcl_photo_get_view(const dcl_photo* photo, dcl_image_view* image,
                                      dcl_error* err);
DCL_API void dcl_photo_free(dcl_photo* photo);

/* ---- Model: weights on one device --------------------------------------------------------- */

/** A loaded model. All its users share it; their frames are processed one after the other. */
typedef struct dcl_model dcl_model;

/** Number format of weights and activations; int8 is for Depth Anything and MoGe on the CPU. AUTO
 * selects the faster on this device of f32 and bf16, which hardly change depth. */
enum {
  DCL_PRECISION_F32 = 0,
  DCL_PRECISION_BF16 = 1,
  DCL_PRECISION_F16 = 2,
  DCL_PRECISION_INT8 = 3,
  DCL_PRECISION_AUTO = 4
};

/** How Depth Anything 3 scales a photo to its grid: process_res is the longer (UPPER) or the
 * shorter (LOWER) side; then both sides become multiples of 14, by a resize or a crop. */
enum {
  DCL_RESIZE_UPPER_BOUND_RESIZE = 0,
  DCL_RESIZE_UPPER_BOUND_CROP = 1,
  DCL_RESIZE_LOWER_BOUND_RESIZE = 2,
  DCL_RESIZE_LOWER_BOUND_CROP = 3
};

typedef struct dcl_model_options {
  uint32_t struct_size;
  int32_t precision;
  const char* device;    /**< "auto" (also NULL), "cpu", "cuda", "cuda:N", "mps" */
  int32_t process_res;   /**< longer side of the network's grid, pixels; 0: the model's own */
  int32_t resize_method; /**< Depth Anything 3 only */
  int32_t threads;       /**< of CPU arithmetic, process-wide; 0: as set by the process, else all */
  int32_t reserved;
  double fov_degrees;        /**< horizontal field of view; set this or intrinsics, not both */
  dcl_intrinsics intrinsics; /**< in pixels of the upright photo; precede all other sources */
  const char* metric_model;  /**< a second network that gives metres and sees the sky, beside a
                                  multi-view one, whose depth and poses it scales to metres; a source
                                  as of dcl_model_load. NULL: none */
  int32_t metric_interval;   /**< of the frames of a camera, the metric network sees every n-th; the
                                  scale of those between follows from the frame before where both
                                  agree. 0: 1, every one; at most 1000 */
  int32_t tokens;            /**< MoGe only: patches that it sees of any image, at most 40000; set
                                  at most one of this, resolution_level and process_res */
  int32_t resolution_level;  /**< MoGe only: DCL_RESOLUTION_LEVEL(0) to DCL_RESOLUTION_LEVEL(9);
                                  0: level 0 on the CPU, 9 on other devices */
  int32_t normals;           /**< 1: compute normals too, if the model can */
} dcl_model_options;
/* clang-format off */
#define DCL_MODEL_OPTIONS_INIT                                                                     \
  { sizeof(dcl_model_options), 0, NULL, 0, 0, 0, 0, 0.0, {0.0, 0.0, 0.0, 0.0}, NULL, 0, 0, 0, 0 }
/* clang-format on */
#define DCL_RESOLUTION_LEVEL(level) ((level) + 1)

/** Properties of a loaded model. Strings are borrowed from the model. */
typedef struct dcl_model_info {
  uint32_t struct_size;
  int32_t precision; /**< the precision in use, never AUTO */
  const char* name;
  const char* backend;
  const char* device;
  const char* license;   /**< of the weights; "": not known */
  int64_t parameters;    /**< 0: not known */
  int32_t process_res;   /**< longer side of its grid, pixels */
  int32_t is_metric;     /**< 1: depth is in metres; some models need the focal length for it */
  int32_t is_multi_view; /**< 1: dcl_model_estimate_views is supported */
  int32_t reserved;
  const char* architecture; /**< description of the recognised network; "": not known */
  const char* input;        /**< description of the expected input; "": any photo */
  int64_t memory_bytes;     /**< of the weights in the precision in use; 0: not known */
  float confidence_low;     /**< confidence lies between this and the next, which may be infinite;
                                 equal: the model gives none; NaN: not known */
  float confidence_high;
  float edge_threshold;     /**< a dcl_cloud_options.edge_threshold that suits the model */
  int32_t has_sky;          /**< 1: dcl_depth_view.sky is given; 0: it is not, or not known */
  const char* metric_model; /**< the name of dcl_model_options.metric_model; "": none */
  int32_t tokens;           /**< patches that it sees of any image; 0: it goes by process_res */
  int32_t has_normals;      /**< 1: it can compute normals */
} dcl_model_info;
/* clang-format off */
#define DCL_MODEL_INFO_INIT                                                                        \
  { sizeof(dcl_model_info), 0, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL, NULL, 0, 0, 0, 0, 0,    \
    NULL, 0, 0 }
/* clang-format on */

/** Loads a model. `source` is "builtin", "constant[:METRES[,DELAY_MS]]" (a plane, for tests), a
 * directory or file with a checkpoint of Depth Anything 3 or V2 or of MoGe-2, the name of one that
 * `depthcloud fetch` has downloaded, or a TorchScript .pt file, which is code: load trusted files
 * only. `abi` is DCL_ABI_VERSION. Errors: DCL_E_ABI, NOT_FOUND, UNSUPPORTED (no kind of model has
 * this source), BAD_MODEL, UNAVAILABLE (the networks or the device are missing, or the device does
 * not support the precision), INVALID_ARGUMENT. */
DCL_API dcl_status dcl_model_load(uint32_t abi, const char* source,
                                  const dcl_model_options* options, dcl_model** model,
                                  dcl_error* err);
DCL_API dcl_status dcl_model_get_info(const dcl_model* model, dcl_model_info* info, dcl_error* err);
/** Runs the network on a gray image of this size, in pixels, until it has reached full speed. */
DCL_API dcl_status dcl_model_warm_up(dcl_model* model, int32_t width, int32_t height,
                                     dcl_error* err);
/** Ends the pass of the network that runs, between two of its blocks or views, and every later call
 * that needs this model with DCL_E_CANCELLED: how a program leaves in time whatever it is doing.
 * Call it from any thread. A TorchScript module ends between passes only. */
DCL_API dcl_status dcl_model_cancel(dcl_model* model, dcl_error* err);
/** Which view the others are seen from, where cameras are not known. */
enum {
  DCL_REFERENCE_SADDLE_BALANCED = 0,
  DCL_REFERENCE_SADDLE_SIM_RANGE = 1,
  DCL_REFERENCE_FIRST = 2,
  DCL_REFERENCE_MIDDLE = 3
};

typedef struct dcl_views_options {
  uint32_t struct_size;
  int32_t reference_view;
  const dcl_intrinsics*
      intrinsics;           /**< of known cameras, one per view, in pixels of the upright photo */
  const double* extrinsics; /**< of known cameras, 12 per view: world to camera, row-major 3 x 4,
                               axes opencv; both or neither are NULL */
} dcl_views_options;
#define DCL_VIEWS_OPTIONS_INIT \
  { sizeof(dcl_views_options), 0, NULL, NULL }

/** A depth map. It owns its planes and never changes. */
typedef struct dcl_depth_map dcl_depth_map;

/** Estimates the depth of one image. */
DCL_API dcl_status dcl_model_estimate(dcl_model* model, const dcl_image_view* image,
                                      dcl_depth_map** depth, dcl_error* err);
/** Estimates the depth of independent images. Images with the same grid share a pass. `depths`
 * receives `count` handles in the order of the images, or none on an error. */
DCL_API dcl_status dcl_model_estimate_batch(dcl_model* model, const dcl_image_view* const* images,
                                            size_t count, dcl_depth_map** depths, dcl_error* err);
/** Estimates the depth of several views of one scene in one pass of a multi-view network, with one
 * scale and with extrinsics in one world frame. `depths` receives `count` handles in the order of
 * the views, or none on an error. DCL_E_UNSUPPORTED: the model is not multi-view. */
DCL_API dcl_status dcl_model_estimate_views(dcl_model* model, const dcl_image_view* const* views,
                                            size_t count, const dcl_views_options* options,
                                            dcl_depth_map** depths, dcl_error* err);
/** Fills in a view of the planes in host memory. If they are on a GPU, the first call copies them.
 */
DCL_API dcl_status dcl_depth_map_get_view(const dcl_depth_map* map, dcl_depth_view* depth,
                                          dcl_error* err);
/** Makes a depth map of another size, for instance that of the photo: bilinear interpolation
 * between valid neighbours, with scaled intrinsics. */
DCL_API dcl_status dcl_depth_map_resize(const dcl_depth_map* map, int32_t width, int32_t height,
                                        dcl_depth_map** resized, dcl_error* err);
DCL_API void dcl_depth_map_free(dcl_depth_map* map);

/** Frees the handle. Pipelines and streams that use the model stay valid. */
DCL_API void dcl_model_free(dcl_model* model);

/* ---- Pipeline: frame in, cloud and packet out --------------------------------------------- */

/** Which pixels become points. Every filter is off by default. */
typedef struct dcl_cloud_options {
  uint32_t struct_size;
  int32_t stride;              /**< every n-th row and column; 0: 2 in pipelines, 1 in builders */
  float min_confidence;        /**< in the model's own units */
  float confidence_percentile; /**< drops this percentage, of lowest confidence; below 100 */
  float min_depth;             /**< in the unit of the depth */
  float max_depth;             /**< in the unit of the depth; 0: no limit */
  float edge_threshold;      /**< drops flying pixels: a depth step above this fraction (0.03: 3 %);
                                dcl_model_info has one that suits the model */
  dcl_axes axes;             /**< of the cloud */
  uint64_t max_points;       /**< keeps at most this many, spread evenly; 0: no limit */
  dcl_intrinsics intrinsics; /**< in pixels of the depth's grid; replace its own */
  int32_t keep_transparent;  /**< 1: keeps pixels of alpha 0, which give no point otherwise */
  int32_t reserved;          /**< must be 0 */
  float voxel_size; /**< keeps the first point in each cube of this side, in the unit of the depth,
                         before max_points; 0: off */
  int32_t reserved2;
  int32_t normals; /**< 1: points have the normals of their pixels, which the depth must have */
  int32_t reserved3;
} dcl_cloud_options;
/* clang-format off */
#define DCL_CLOUD_OPTIONS_INIT                                                                     \
  { sizeof(dcl_cloud_options), 0, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0, 0, {0.0, 0.0, 0.0, 0.0}, 0, 0,   \
    0.0f, 0, 0, 0 }
/* clang-format on */

/** How the points of a message are written; docs/wire-format.md is the specification. */
enum {
  DCL_ENCODING_F32 = 0,  /**< float32 coordinates, 15 bytes per point; every viewer reads it */
  DCL_ENCODING_Q16 = 1,  /**< 16-bit coordinates in a box, 9 bytes per point */
  DCL_ENCODING_DEPTH = 2 /**< the quantised depth grid, compressed; the reader unprojects it */
};

/** The source of the colours for a reader of DCL_ENCODING_DEPTH. */
enum {
  DCL_GRID_COLORS_JPEG = 0,  /**< a JPEG in the message */
  DCL_GRID_COLORS_CLIENT = 1 /**< the frame that the reader sent and kept */
};

typedef struct dcl_wire_format {
  uint32_t struct_size;
  int32_t encoding;
  double relative_error; /**< largest relative error of a depth, with DCL_ENCODING_DEPTH: 0.0001 to
                            0.1; 0: 0.001 */
  int32_t grid_colors;
  int32_t jpeg_quality; /**< with DCL_GRID_COLORS_JPEG: 1 to 100; 0: 80 */
} dcl_wire_format;
#define DCL_WIRE_FORMAT_INIT \
  { sizeof(dcl_wire_format), 0, 0.0, 0, 0 }

typedef struct dcl_pipeline_options {
  uint32_t struct_size;
  int32_t fast_decode;            /**< 1: decodes JPEGs at a reduced scale for any network */
  const dcl_cloud_options* cloud; /**< NULL: the defaults */
  const dcl_wire_format* wire;    /**< of the packet; NULL: f32 */
  int64_t max_pixels;             /**< of a photo; 0: as memory allows */
  int32_t max_scans;              /**< of a progressive JPEG; 0: 100 */
  int32_t ignore_orientation;     /**< 1: do not turn the photo upright */
  int32_t no_packet;              /**< 1: make no packet */
  int32_t reserved;
  int32_t salvage;  /**< 1: take what is there of a photo that is cut short or corrupt */
  uint32_t formats; /**< of photos: DCL_PHOTO_... or-ed; 0: all */
  int32_t ignore_color_profile; /**< 1: colours as they are stored, not as sRGB */
  int32_t reserved2;            /**< must be 0 */
} dcl_pipeline_options;
#define DCL_PIPELINE_OPTIONS_INIT \
  { sizeof(dcl_pipeline_options), 0, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/** The whole chain with its scratch memory, which is reused from frame to frame. */
typedef struct dcl_pipeline dcl_pipeline;
/** The result of one frame. It owns all its parts and never changes. */
typedef struct dcl_frame dcl_frame;

DCL_API dcl_status dcl_pipeline_create(dcl_model* model, const dcl_pipeline_options* options,
                                       dcl_pipeline** pipeline, dcl_error* err);
/** Processes one frame of JPEG or PNG bytes; `tag` may be NULL. On an error, `err->stage` is the
 * stage that failed; the pipeline can then process the next frame. */
DCL_API dcl_status dcl_pipeline_process(dcl_pipeline* pipeline, const void* encoded, size_t size,
                                        const dcl_tag* tag, dcl_frame** frame, dcl_error* err);
/** Processes one frame of pixels; `tag` may be NULL. */
DCL_API dcl_status dcl_pipeline_process_image(dcl_pipeline* pipeline, const dcl_image_view* image,
                                              const dcl_tag* tag, dcl_frame** frame,
                                              dcl_error* err);
/** Replaces the cloud options from the next frame on; on an error nothing changes. */
DCL_API dcl_status dcl_pipeline_set_cloud_options(dcl_pipeline* pipeline,
                                                  const dcl_cloud_options* options, dcl_error* err);
/** Replaces the encoding of packets from the next frame on; on an error nothing changes. */
DCL_API dcl_status dcl_pipeline_set_wire_format(dcl_pipeline* pipeline,
                                                const dcl_wire_format* format, dcl_error* err);
/** Fills in the latency of one timed stage, or of DCL_STAGE_TOTAL. */
DCL_API dcl_status dcl_pipeline_get_latency(const dcl_pipeline* pipeline, dcl_stage stage,
                                            dcl_latency_summary* summary, dcl_error* err);
DCL_API void dcl_pipeline_free(dcl_pipeline* pipeline);

/** Returns the msgpack message (docs/wire-format.md), borrowed from the frame; NULL and size 0 if
 * there is none or `frame` is NULL. `size` may be NULL. */
DCL_API const uint8_t* dcl_frame_get_packet(const dcl_frame* frame, size_t* size);
DCL_API dcl_status dcl_frame_get_cloud(const dcl_frame* frame, dcl_cloud_view* cloud,
                                       dcl_error* err);
/** Fills in depth, confidence and intrinsics on the network's grid, in host memory. If the planes
 * are on a GPU, the first call copies them. */
DCL_API dcl_status dcl_frame_get_depth(const dcl_frame* frame, dcl_depth_view* depth,
                                       dcl_error* err);
DCL_API dcl_status dcl_frame_get_times(const dcl_frame* frame, dcl_stage_times* times,
                                       dcl_error* err);
DCL_API dcl_status dcl_frame_get_tag(const dcl_frame* frame, dcl_tag* tag, dcl_error* err);
DCL_API void dcl_frame_free(dcl_frame* frame);

/* ---- Cloud from known depth: RGB-D cameras, no network ------------------------------------ */

typedef struct dcl_cloud_builder dcl_cloud_builder; /**< options and scratch memory */
typedef struct dcl_cloud dcl_cloud;                 /**< a cloud; it owns its points */

DCL_API dcl_status dcl_cloud_builder_create(const dcl_cloud_options* options,
                                            dcl_cloud_builder** builder, dcl_error* err);
/** Makes the cloud of depth with the colours of an image, which may have another size; NULL:
 * without colours. */
DCL_API dcl_status dcl_cloud_builder_build(dcl_cloud_builder* builder, const dcl_depth_view* depth,
                                           const dcl_image_view* image, dcl_cloud** cloud,
                                           dcl_error* err);
/** Writes the cloud to an existing one and reuses its memory. Earlier views of `cloud` become
 * invalid. On an error, its points are unspecified. */
DCL_API dcl_status dcl_cloud_builder_rebuild(dcl_cloud_builder* builder,
                                             const dcl_depth_view* depth,
                                             const dcl_image_view* image, dcl_cloud* cloud,
                                             dcl_error* err);
DCL_API void dcl_cloud_builder_free(dcl_cloud_builder* builder);

DCL_API dcl_status dcl_cloud_get_view(const dcl_cloud* cloud, dcl_cloud_view* view, dcl_error* err);
DCL_API void dcl_cloud_free(dcl_cloud* cloud);

typedef struct dcl_merge_options {
  uint32_t struct_size;
  dcl_axes axes;       /**< of the result */
  uint64_t max_points; /**< keeps at most this many, spread evenly over all views; 0: no limit */
  float voxel_size; /**< keeps the first point, view after view, in each cube of this side, before
                         max_points; 0: off */
  int32_t reserved;
} dcl_merge_options;
#define DCL_MERGE_OPTIONS_INIT \
  { sizeof(dcl_merge_options), 0, 0, 0.0f, 0 }

/** Merges several views to one cloud in the world frame of `extrinsics`: 12 numbers per view, world
 * to camera, row-major 3 x 4, axes opencv, in the unit of the clouds. The points of each view keep
 * their order, view after view. All views that have points have colours, or none. */
DCL_API dcl_status dcl_cloud_merge(const dcl_cloud_view* const* views, const double* extrinsics,
                                   size_t count, const dcl_merge_options* options,
                                   dcl_cloud** cloud, dcl_error* err);

typedef int32_t dcl_cloud_format;
enum {
  DCL_CLOUD_PLY = 0, /**< binary, little-endian */
  DCL_CLOUD_PCD = 1  /**< binary, version 0.7 */
};

typedef struct dcl_cloud_file_options {
  uint32_t struct_size;
  dcl_cloud_format format;
  dcl_axes axes; /**< of the file, to which points are converted; DCL_AXES_V1 looks mirrored in
                      programs that show such files */
} dcl_cloud_file_options;
#define DCL_CLOUD_FILE_OPTIONS_INIT \
  { sizeof(dcl_cloud_file_options), DCL_CLOUD_PLY, DCL_AXES_OPENGL }

/** Writes a cloud to a file under a temporary name, and renames it when it is complete. `options`
 * may be NULL. */
DCL_API dcl_status dcl_cloud_write_file(const char* path, const dcl_cloud_view* cloud,
                                        const dcl_cloud_file_options* options, dcl_error* err);
/** The same with a format and the axes opengl. */
DCL_API dcl_status dcl_cloud_write_ply(const char* path, const dcl_cloud_view* cloud,
                                       dcl_error* err);
DCL_API dcl_status dcl_cloud_write_pcd(const char* path, const dcl_cloud_view* cloud,
                                       dcl_error* err);

/** Reads a PLY or PCD file of at most `max_bytes` (0: 4 GiB), of any program and in any encoding;
 * how it begins tells which it is. Its comment `axes NAME` decides the axes; without one they are
 * opengl. A file without colours makes a cloud without. Points that are not finite are dropped.
 * Errors: DCL_E_NOT_FOUND, IO, LIMIT_EXCEEDED, CORRUPT_DATA, UNSUPPORTED (another kind of file),
 * UNAVAILABLE (a compressed PCD in a build without liblzf). */
DCL_API dcl_status dcl_cloud_read_file(const char* path, uint64_t max_bytes, dcl_cloud** cloud,
                                       dcl_error* err);

/* ---- Wire: clouds to and from msgpack bytes ----------------------------------------------- */

typedef struct dcl_packet dcl_packet; /**< the bytes of one message */

/** Makes the message of a cloud, in f32 or q16, with the current time; `tag` may be NULL. */
DCL_API dcl_status dcl_cloud_pack(const dcl_cloud_view* cloud, const dcl_wire_format* format,
                                  const dcl_tag* tag, dcl_packet** packet, dcl_error* err);
/** Makes the message of known depth, in any encoding, with the options of the builder. */
DCL_API dcl_status dcl_cloud_builder_pack(dcl_cloud_builder* builder, const dcl_depth_view* depth,
                                          const dcl_image_view* image,
                                          const dcl_wire_format* format, const dcl_tag* tag,
                                          dcl_packet** packet, dcl_error* err);
/** Returns the bytes, borrowed from the packet; NULL and size 0 if `packet` is NULL. `size` may be
 * NULL. */
DCL_API const uint8_t* dcl_packet_get_data(const dcl_packet* packet, size_t* size);
DCL_API void dcl_packet_free(dcl_packet* packet);

/** Limits of dcl_packet_unpack for untrusted messages; 0: the default in brackets. */
typedef struct dcl_unpack_limits {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t max_bytes;  /**< of the whole message (256 MiB) */
  uint64_t max_points; /**< (16 million) */
  uint64_t max_keys;   /**< of any map (64) */
  uint64_t max_depth;  /**< of nested maps and arrays (8) */
  uint64_t max_string; /**< bytes of any string (4096) */
} dcl_unpack_limits;
#define DCL_UNPACK_LIMITS_INIT \
  { sizeof(dcl_unpack_limits), 0, 0, 0, 0, 0, 0 }

/** The contents of a message other than its points. */
typedef struct dcl_packet_info {
  uint32_t struct_size;
  int32_t encoding;
  uint32_t fields; /**< which of the next two are set: DCL_TAG_... or-ed */
  uint32_t reserved;
  uint64_t frame_id;
  double capture_ts;
  char timestamp[64]; /**< unchanged: ISO 8601 */
  int32_t width;      /**< of the image plane of the points' camera, pixels; 0: the message has no
                           camera */
  int32_t height;
  dcl_intrinsics intrinsics; /**< in pixels of that plane */
  int32_t
      is_metric; /**< 1: coordinates are metres; 0: they are not; -1: the message says nothing */
  int32_t reserved2;
} dcl_packet_info;
#define DCL_PACKET_INFO_INIT \
  { sizeof(dcl_packet_info), 0, 0, 0, 0, 0.0, "", 0, 0, {0.0, 0.0, 0.0, 0.0}, 0, 0 }

/** Reads a message in any encoding; the cloud has axes v1. `kept` (may be NULL) is the frame with
 * the colours of a message with DCL_GRID_COLORS_CLIENT; without it, such a cloud is white. `info`
 * may be NULL. */
DCL_API dcl_status dcl_packet_unpack(const void* bytes, size_t size,
                                     const dcl_unpack_limits* limits, const dcl_image_view* kept,
                                     dcl_cloud** cloud, dcl_packet_info* info, dcl_error* err);

/* ---- Gate: which frames enter ------------------------------------------------------------- */

/** What happens to a frame that is offered while max_in_flight frames are being processed. */
enum {
  DCL_GATE_LATEST_WINS = 0,    /**< the frame waits; a newer frame replaces it */
  DCL_GATE_SKIP_WHILE_BUSY = 1 /**< the frame is skipped */
};

typedef struct dcl_gate_options {
  uint32_t struct_size;
  int32_t policy;
  int32_t max_in_flight; /**< 0: 1 */
  int32_t reserved;
  double max_fps;   /**< skips a frame that comes sooner after the last accepted one; 0: off */
  double max_age_s; /**< drops a frame captured longer ago, in seconds; 0: off */
} dcl_gate_options;
#define DCL_GATE_OPTIONS_INIT \
  { sizeof(dcl_gate_options), 0, 0, 0, 0.0, 0.0 }

/** Counts of frames, consistent at any moment:
 * offered = admitted + skipped + replaced + expired + waiting. */
typedef struct dcl_gate_counters {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t offered;
  uint64_t admitted;
  uint64_t skipped;
  uint64_t replaced;
  uint64_t expired;
  uint64_t waiting;   /**< 0 or 1 */
  uint64_t in_flight; /**< taken and not yet done; not part of the sum */
} dcl_gate_counters;
#define DCL_GATE_COUNTERS_INIT \
  { sizeof(dcl_gate_counters), 0, 0, 0, 0, 0, 0, 0, 0 }

typedef struct dcl_gate dcl_gate;     /**< decides which frames are processed; at most one waits */
typedef struct dcl_ticket dcl_ticket; /**< one admitted frame; freeing it makes room in the gate */

/** Called exactly once for each frame that the gate took over, when the frame is no longer used,
 * from any thread that uses the gate or a ticket. NULL if frames need no release. */
typedef void (*dcl_release_fn)(void* frame, void* user);

DCL_API dcl_status dcl_gate_create(const dcl_gate_options* options, dcl_release_fn release,
                                   void* user, dcl_gate** gate, dcl_error* err);
/** Offers a frame of the caller, not NULL, captured `age_s` seconds ago. Never blocks. Returns
 * DCL_OK, DCL_REPLACED_OLDER or DCL_SKIPPED; the gate then owns the frame, even if it was skipped.
 * On an error, the caller still owns it. */
DCL_API dcl_status dcl_gate_offer(dcl_gate* gate, void* frame, double age_s, dcl_error* err);
/** Takes the waiting frame if it may enter now; else returns DCL_EMPTY and leaves `ticket`
 * unchanged. Never blocks. */
DCL_API dcl_status dcl_gate_take(dcl_gate* gate, dcl_ticket** ticket, dcl_error* err);
/** Waits for a frame and takes it. Returns DCL_EMPTY only if the gate is closed. */
DCL_API dcl_status dcl_gate_take_wait(dcl_gate* gate, dcl_ticket** ticket, dcl_error* err);
/** Skips further frames, drops the waiting one and wakes dcl_gate_take_wait. */
DCL_API dcl_status dcl_gate_close(dcl_gate* gate, dcl_error* err);
DCL_API dcl_status dcl_gate_get_counters(const dcl_gate* gate, dcl_gate_counters* counters,
                                         dcl_error* err);
DCL_API void dcl_gate_free(dcl_gate* gate);

/** Returns the frame as it was offered, valid until the ticket is freed; NULL if `ticket` is NULL.
 */
DCL_API void* dcl_ticket_get_frame(const dcl_ticket* ticket);
/** Releases the frame and makes room; a ticket may outlive its gate. */
DCL_API void dcl_ticket_free(dcl_ticket* ticket);

/* ---- Stream: frames in from any thread, results out of one -------------------------------- */

typedef struct dcl_stream_options {
  uint32_t struct_size;
  int32_t no_decode_ahead;      /**< 1: frames that are dropped are never decoded */
  const dcl_gate_options* gate; /**< NULL: the defaults */
} dcl_stream_options;
#define DCL_STREAM_OPTIONS_INIT \
  { sizeof(dcl_stream_options), 0, NULL }

/** A stream with its own gate, pipeline and threads. */
typedef struct dcl_stream dcl_stream;

/** Receives a result. The program owns `frame` and frees it, in the callback or later. Called on
 * the stream's thread, never twice at once. A non-zero return value stops the stream: neither
 * callback is called again, and dcl_stream_get_result returns the value. */
typedef int32_t (*dcl_frame_fn)(dcl_frame* frame, void* user);
/** Receives the error of a frame; the stream continues. Both pointers are valid only during the
 * call. */
typedef void (*dcl_failure_fn)(const dcl_tag* tag, const dcl_error* error, void* user);

/** Starts a stream. If `on_failure` is NULL, errors go to the log, as warnings; `user` is passed to
 * both callbacks. */
DCL_API dcl_status dcl_stream_create(dcl_model* model, const dcl_pipeline_options* pipeline,
                                     const dcl_stream_options* options, dcl_frame_fn on_frame,
                                     dcl_failure_fn on_failure, void* user, dcl_stream** stream,
                                     dcl_error* err);
/** Offers JPEG or PNG bytes, captured `age_s` seconds ago, and copies them. Never blocks. Returns
 * DCL_OK, DCL_REPLACED_OLDER or DCL_SKIPPED; errors in the bytes go to `on_failure`. */
DCL_API dcl_status dcl_stream_offer(dcl_stream* stream, const void* encoded, size_t size,
                                    const dcl_tag* tag, double age_s, dcl_error* err);
DCL_API dcl_status dcl_stream_get_counters(const dcl_stream* stream, dcl_gate_counters* counters,
                                           dcl_error* err);
DCL_API dcl_status dcl_stream_get_latency(const dcl_stream* stream, dcl_stage stage,
                                          dcl_latency_summary* summary, dcl_error* err);
/** Returns the value with which `on_frame` stopped the stream; 0 if it did not, or if `stream` is
 * NULL. */
DCL_API int32_t dcl_stream_get_result(const dcl_stream* stream);
/** Rejects further frames and drops the waiting one; the frame in flight is finished. May be called
 * from a callback. To process every frame first, wait until dcl_stream_get_counters shows no frame
 * `waiting` or `in_flight`. */
DCL_API dcl_status dcl_stream_stop(dcl_stream* stream, dcl_error* err);
/** Stops the stream, waits for the frame in flight and frees the handle. In a callback of the same
 * stream it only stops the stream, because it cannot wait for that callback: free the handle again
 * outside. */
DCL_API void dcl_stream_free(dcl_stream* stream);

/* ---- Latency statistics ------------------------------------------------------------------- */

typedef struct dcl_latency dcl_latency; /**< stage times of the last frames, in fixed memory */

/** Makes statistics over the last `window` frames; 0: 1024. */
DCL_API dcl_status dcl_latency_create(size_t window, dcl_latency** latency, dcl_error* err);
DCL_API dcl_status dcl_latency_record(dcl_latency* latency, const dcl_stage_times* times,
                                      dcl_error* err);
DCL_API dcl_status dcl_latency_get_summary(const dcl_latency* latency, dcl_stage stage,
                                           dcl_latency_summary* summary, dcl_error* err);
DCL_API void dcl_latency_free(dcl_latency* latency);

/* ---- Raw frames and calibrated cameras ---------------------------------------------------- */

/** Offers one frame of pixels to a stream, captured `age_s` seconds ago; `tag` may be NULL. Never
 * waits for another frame. Returns as dcl_stream_offer.
 * - `release` NULL: the pixels are copied before the call returns.
 * - Else they are lent: they must stay alive and unchanged until release(frame, user) is called,
 *   with the `user` of dcl_stream_create. It is called exactly once, when the pixels have been read
 *   or never will be (the frame was replaced, skipped or expired, or the stream closed), from any
 *   thread, also within the call that offers a frame or stops the stream. It must not free the
 *   stream. On an error of this call it is not called. A lent frame that is dropped is never
 * copied.
 */
DCL_API dcl_status dcl_stream_offer_image(dcl_stream* stream, const dcl_image_view* image,
                                          const dcl_tag* tag, double age_s, dcl_release_fn release,
                                          void* frame, dcl_error* err);

/** The calibrated camera onto whose pixels depth is aligned. */
typedef struct dcl_alignment_target {
  uint32_t struct_size;
  int32_t width;             /**< pixels */
  int32_t height;            /**< pixels */
  int32_t no_splat;          /**< 1: a pixel of depth fills one pixel, not all that it covers */
  dcl_intrinsics intrinsics; /**< in pixels of that size */
  double extrinsics[12];     /**< depth camera to this camera, row-major 3 x 4, axes opencv, in the
                                  unit of the depth; all zero: they are in the same place */
} dcl_alignment_target;
/* clang-format off */
#define DCL_ALIGNMENT_TARGET_INIT                                                                  \
  { sizeof(dcl_alignment_target), 0, 0, 0, {0.0, 0.0, 0.0, 0.0},                                    \
    {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0} }
/* clang-format on */

/** Makes the depth map that the target camera would see, on its grid, with its intrinsics: every
 * pixel of depth is unprojected, moved and projected. Where several meet, the nearest wins; a pixel
 * that none reaches is 0. Depth of 16-bit integers makes a metric map. */
DCL_API dcl_status dcl_depth_align(const dcl_depth_view* depth, const dcl_alignment_target* target,
                                   dcl_depth_map** aligned, dcl_error* err);

/* ---- Metres from a few known depths --------------------------------------------------------- */

/** How depth of an unknown unit becomes metres. */
enum {
  DCL_SCALE_SCALE = 0,        /**< metres = scale * depth */
  DCL_SCALE_DEPTH = 1,        /**< metres = scale * depth + shift */
  DCL_SCALE_INVERSE_DEPTH = 2 /**< 1 / metres = scale / depth + shift */
};

typedef struct dcl_scale_options {
  uint32_t struct_size;
  int32_t model;       /**< DCL_SCALE_... */
  double inlier_error; /**< a known depth is an inlier if the fit misses it by no more than this
                            share of it: above 0, below 1; 0: 0.1 */
} dcl_scale_options;
#define DCL_SCALE_OPTIONS_INIT \
  { sizeof(dcl_scale_options), 0, 0.0 }

/** What makes metres of a depth map. */
typedef struct dcl_scale_fit {
  uint32_t struct_size;
  int32_t model; /**< DCL_SCALE_... */
  double scale;
  double shift;     /**< metres, or 1 / metres */
  uint64_t points;  /**< known depths at pixels with depth */
  uint64_t inliers; /**< those that the fit explains */
  double error;     /**< median over the inliers of |fit - known| / known */
} dcl_scale_fit;
#define DCL_SCALE_FIT_INIT \
  { sizeof(dcl_scale_fit), 0, 0.0, 0.0, 0, 0, 0.0 }

/** Finds what makes the depth agree with `count` known depths: x, y, metres of each, in pixels of
 * its grid from the centre of the upper left one. Each is compared with the nearest pixel; those
 * outside, at pixels without depth, not finite or not above 0 are left out. Up to half of them may
 * be wrong. The result is the same on every run. DCL_E_INVALID_ARGUMENT: too few can be compared
 * (1 for a scale, else 2 of different depth), or no fit explains any. */
DCL_API dcl_status dcl_depth_fit_scale(const dcl_depth_view* depth, const double* known,
                                       size_t count, const dcl_scale_options* options,
                                       dcl_scale_fit* fit, dcl_error* err);
/** The same with a depth image of the same view, of any size, for instance of a lidar: each of its
 * pixels with depth is a known depth. */
DCL_API dcl_status dcl_depth_fit_scale_image(const dcl_depth_view* depth,
                                             const dcl_depth_view* known,
                                             const dcl_scale_options* options, dcl_scale_fit* fit,
                                             dcl_error* err);
/** Makes the map in metres; is_metric is 1. The translation of extrinsics is scaled along; a fit
 * with a shift has none, and the map no extrinsics. */
DCL_API dcl_status dcl_depth_map_apply_scale(const dcl_depth_map* map, const dcl_scale_fit* fit,
                                             dcl_depth_map** scaled, dcl_error* err);

/* ---- Video: pictures of files, streams and cameras ------------------------------------------ */

/** Pictures of a video. Thread-safety: one thread at a time; dcl_video_source_stop and
 * dcl_video_source_get_counters at any. */
typedef struct dcl_video_source dcl_video_source;

typedef struct dcl_video_options {
  uint32_t struct_size;
  int32_t loop;      /**< 1: begins anew at its end; a file only */
  int32_t real_time; /**< 1: gives each picture of a file when it is due, drops what is too late */
  int32_t reserved;
  double max_fps;     /**< largest number of pictures a second; 0: all */
  double start_s;     /**< presentation time of the first picture, seconds */
  double end_s;       /**< no picture is later, seconds; 0: to the end */
  double timeout_s;   /**< longest wait for a picture, seconds; 0: 10; below 0: no limit */
  int64_t max_pixels; /**< of a picture; 0: 64 million */
} dcl_video_options;
#define DCL_VIDEO_OPTIONS_INIT \
  { sizeof(dcl_video_options), 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0 }

typedef struct dcl_video_info {
  uint32_t struct_size;
  int32_t width; /**< pixels of its pictures, upright and square */
  int32_t height;
  int32_t is_live;
  double fps;        /**< nominal; 0: variable or not known */
  double duration_s; /**< 0: live, or not known */
  char codec[64];    /**< a description; empty: none */
} dcl_video_info;
#define DCL_VIDEO_INFO_INIT                          \
  {                                                  \
    sizeof(dcl_video_info), 0, 0, 0, 0.0, 0.0, { 0 } \
  }

/** Which picture of its video one is. */
typedef struct dcl_video_picture {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t index; /**< among all that were decoded, from 0 */
  double time_s;  /**< presentation time since the start of the video, seconds */
} dcl_video_picture;
#define DCL_VIDEO_PICTURE_INIT \
  { sizeof(dcl_video_picture), 0, 0, 0.0 }

/** Counts of pictures, consistent at any moment: decoded = read + skipped + dropped + waiting. */
typedef struct dcl_video_counters {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t decoded;
  uint64_t read;
  uint64_t skipped; /**< by max_fps, or outside of start and end */
  uint64_t dropped; /**< replaced by a newer one, in real time */
  uint64_t waiting;
  uint64_t corrupt; /**< parts that the decoder passed over; not part of the sum */
} dcl_video_counters;
#define DCL_VIDEO_COUNTERS_INIT \
  { sizeof(dcl_video_counters), 0, 0, 0, 0, 0, 0, 0 }

/** Opens a file, "http(s)://...", "rtsp(s)://...", "camera:0", "/dev/video0" or "test:640x480@30",
 * and waits for its first picture. `options` may be NULL. Errors: DCL_E_NOT_FOUND, UNAVAILABLE (no
 * video in this build, or no decoder: the message names the package), UNSUPPORTED, CORRUPT_DATA,
 * LIMIT_EXCEEDED, IO, INVALID_ARGUMENT. No message holds the password of a URI. */
DCL_API dcl_status dcl_video_source_open(const char* uri, const dcl_video_options* options,
                                         dcl_video_source** source, dcl_error* err);
/** Waits for the next picture, RGB. `info` may be NULL. DCL_EMPTY: the video has ended, or
 * dcl_video_source_stop was called. An error is returned again by the calls that follow. */
DCL_API dcl_status dcl_video_source_read(dcl_video_source* source, dcl_photo** picture,
                                         dcl_video_picture* info, dcl_error* err);
/** Ends a read that waits, and all that follow. */
DCL_API dcl_status dcl_video_source_stop(dcl_video_source* source, dcl_error* err);
DCL_API dcl_status dcl_video_source_get_info(const dcl_video_source* source, dcl_video_info* info,
                                             dcl_error* err);
DCL_API dcl_status dcl_video_source_get_counters(const dcl_video_source* source,
                                                 dcl_video_counters* counters, dcl_error* err);
DCL_API void dcl_video_source_free(dcl_video_source* source);

#ifdef __cplusplus
}
#endif
#endif
