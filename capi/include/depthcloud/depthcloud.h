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
 * Rules that hold for every function:
 * - It returns a ::dcl_status: negative is an error, 0 is success, positive is success with a
 *   remark. Through `err`, which may be NULL, it also says in one line what was wrong.
 * - On an error every out-parameter is as it was before. Nothing throws, prints, aborts or exits.
 * - What it hands out through a `dcl_something **`, or to a callback, is yours: give it to
 *   `dcl_something_free`, in any order, on any thread. Every free accepts NULL.
 * - Pointers inside what it fills in are borrowed and live as long as the handle that was asked.
 * - Inputs are only read, and only during the call. Strings are UTF-8 that ends in a zero.
 * - A struct begins with `struct_size`; its DCL_..._INIT macro sets that and zeroes the rest. In
 *   options zero always means "the default", and a NULL pointer to options means all defaults.
 *   A struct of another size than this header's is understood if it comes from another release of
 *   the same ABI version; one that sets what the library does not know is DCL_E_UNSUPPORTED.
 * - Threads: functions that take no handle, models, photos, depth maps, frames, packets and clouds
 *   that nobody writes, gates, streams and latency recorders may be used from several threads at
 * once. Pipelines and cloud builders belong to one thread at a time. Nobody may use what is being
 * freed.
 *
 * Points are in the camera frame, in the unit of the depth: x right, y down, z forward unless other
 * axes are asked for. docs/abi.md says what stays the same from release to release.
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

/** The ABI that this header describes; raised only when a program that was built before would
 * break. */
#define DCL_ABI_VERSION 2u

/* ---- Status, errors, library -------------------------------------------------------------- */

/** What a call came to; the values are frozen, new ones are only added. */
typedef int32_t dcl_status;
enum {
  DCL_OK = 0,
  DCL_SKIPPED = 1,             /**< the frame was turned away: busy, too soon, or closed */
  DCL_REPLACED_OLDER = 2,      /**< the frame waits, and one that waited before it was dropped */
  DCL_EMPTY = 3,               /**< there is no frame to take */
  DCL_E_INVALID_ARGUMENT = -1, /**< an option or argument out of its range */
  DCL_E_CORRUPT_DATA = -2,     /**< bytes that are not what they claim to be, or end too soon */
  DCL_E_UNSUPPORTED = -3,      /**< well-formed, but a kind that this library does not know */
  DCL_E_LIMIT_EXCEEDED = -4,   /**< larger than the limit in force */
  DCL_E_NOT_FOUND = -5,        /**< no such file or model */
  DCL_E_IO = -6,               /**< the operating system refused to read or write */
  DCL_E_UNAVAILABLE = -7,      /**< a device or feature that this machine or build lacks */
  DCL_E_OUT_OF_MEMORY = -8,    /**< host or device memory is exhausted */
  DCL_E_BAD_MODEL = -9,        /**< a model file that does not fit the network it names */
  DCL_E_INTERNAL = -10,        /**< a defect in the library or below it */
  DCL_E_ABI = -100             /**< the program was built for another ABI version */
};

/** The stages of a frame, in order; then the places of errors outside them. Frozen values. */
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
  DCL_STAGE_TOTAL = 100 /**< the sum of a frame's stages, in latency statistics */
};

/** Yours, filled in when a call fails and left alone when it does not. */
typedef struct dcl_error {
  uint32_t struct_size;
  dcl_status status; /**< what the call returned */
  dcl_stage stage;
  char message[500]; /**< one line, ends in a zero */
} dcl_error;
#define DCL_ERROR_INIT \
  { sizeof(dcl_error), DCL_OK, 0, "" }

/** The ABI version and the release ("MAJOR.MINOR.PATCH") of the library that is loaded. */
DCL_API uint32_t dcl_abi_version(void);
DCL_API const char* dcl_version(void);
/** DCL_E_ABI unless the library serves programs of this ABI version: pass DCL_ABI_VERSION.
 * dcl_model_load does the same; a program without a model calls this first. */
DCL_API dcl_status dcl_abi_check(uint32_t abi, dcl_error* err);

/** Lower-case names for messages, in static storage; "unknown" for a value that is none. */
DCL_API const char* dcl_status_name(dcl_status status);
DCL_API const char* dcl_stage_name(dcl_stage stage);

/** 0 debug, 1 info, 2 warning; one line without a line end. Called from any thread, never twice at
 * once; must not call dcl_log_set. */
typedef void (*dcl_log_fn)(int32_t level, const char* line, void* user);
/** Where the library's remarks go; NULL, the default: nowhere. After it returns, the previous
 * callback runs no more. */
DCL_API dcl_status dcl_log_set(dcl_log_fn log, void* user, dcl_error* err);

/** A device that a network can run on here. */
typedef struct dcl_device_info {
  uint32_t struct_size;
  char name[16];         /**< "cpu", "cuda:0", "mps": what dcl_model_options takes */
  char description[108]; /**< for instance the GPU's name */
} dcl_device_info;
#define DCL_DEVICE_INFO_INIT \
  { sizeof(dcl_device_info), "", "" }

/** How many there are; none in a build without networks, else at least the CPU. */
DCL_API dcl_status dcl_device_get_count(size_t* count, dcl_error* err);
/** The preferred one has index 0. */
DCL_API dcl_status dcl_device_get_info(size_t index, dcl_device_info* info, dcl_error* err);

/* ---- Values that several calls take ------------------------------------------------------- */

/** A pinhole camera, in pixels of one image size: the ray of pixel (u, v) is x = (u - cx) / fx,
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

/** Directions of the camera axes. */
typedef int32_t dcl_axes;
enum {
  DCL_AXES_OPENCV = 0, /**< x right, y down, z forward */
  DCL_AXES_OPENGL = 1, /**< x right, y up, z backward */
  DCL_AXES_V1 = 2      /**< x right, y up, z forward: what packets carry */
};

/** Order of the 8-bit samples of one pixel. */
typedef int32_t dcl_pixel_format;
enum {
  DCL_PIXEL_RGB = 0,
  DCL_PIXEL_BGR = 1,
  DCL_PIXEL_RGBA = 2,
  DCL_PIXEL_BGRA = 3,
  DCL_PIXEL_GRAY = 4
};

/** Pixels that someone else owns. */
typedef struct dcl_image_view {
  uint32_t struct_size;
  dcl_pixel_format format;
  const uint8_t* data;
  int32_t width;
  int32_t height;
  int64_t stride;       /**< bytes from one row to the next; 0: rows are packed */
  int32_t photo_width;  /**< of the upright photo that this was scaled from; 0: it was not */
  int32_t photo_height; /**< intrinsics of dcl_model_options count in that photo's pixels */
  double focal_px;      /**< EXIF focal length in the photo's pixels; 0: not known */
} dcl_image_view;
#define DCL_IMAGE_VIEW_INIT \
  { sizeof(dcl_image_view), 0, NULL, 0, 0, 0, 0, 0, 0.0 }

/** Depth on a grid of height x width, row-major, rows packed: z along the optical axis. A value
 * that is not finite or not positive is no depth. */
typedef struct dcl_depth_view {
  uint32_t struct_size;
  int32_t width;
  int32_t height;
  int32_t is_metric; /**< out: 1 when the unit is known to be metres, else 0 */
  const float* depth;
  const float* confidence;   /**< in the model's own units; in: NULL means 1 everywhere */
  const uint8_t* sky;        /**< out: 1 where the model sees sky; NULL: not known */
  dcl_intrinsics intrinsics; /**< in pixels of this grid */
  int32_t intrinsics_source; /**< out: DCL_INTRINSICS_... */
  int32_t has_extrinsics;    /**< out: 1 when the model gives a pose */
  double extrinsics[12];     /**< out: world to camera, row-major 3 x 4, axes opencv */
  double region[4];          /**< out: x, y, width, height of the part of the image that the grid
                                shows, as shares of it: 0, 0, 1, 1 unless the network crops */
} dcl_depth_view;
/* clang-format off */
#define DCL_DEPTH_VIEW_INIT                                                                        \
  { sizeof(dcl_depth_view), 0, 0, 0, NULL, NULL, NULL, {0.0, 0.0, 0.0, 0.0}, 0, 0,                  \
    {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0}, {0.0, 0.0, 0.0, 0.0} }
/* clang-format on */

/** A coloured cloud that someone else owns: three floats and three bytes a point, interleaved. */
typedef struct dcl_cloud_view {
  uint32_t struct_size;
  dcl_axes axes;
  const float* positions; /**< x0 y0 z0 x1 y1 z1 ..., in the unit of the depth */
  const uint8_t* colors;  /**< r0 g0 b0 r1 g1 b1 ... */
  size_t size;            /**< points */
  int32_t num_views;      /**< of how many registered cameras; 0: not merged */
  int32_t reserved;
} dcl_cloud_view;
#define DCL_CLOUD_VIEW_INIT \
  { sizeof(dcl_cloud_view), 0, NULL, NULL, 0, 0, 0 }

/** What a caller knows of a frame; it comes back with the result and in the packet. */
typedef struct dcl_tag {
  uint32_t struct_size;
  uint32_t fields; /**< which of the next two are given: DCL_TAG_... or-ed */
  uint64_t frame_id;
  double capture_ts; /**< the caller's own clock, seconds; not interpreted */
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
} dcl_stage_times;
#define DCL_STAGE_TIMES_INIT \
  { sizeof(dcl_stage_times), 0, 0.0, 0.0, 0.0, 0.0, 0.0 }

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
  int32_t min_width;          /**< the upright size that is wanted at least; both 0: full size. A */
  int32_t min_height;         /**< JPEG is then decoded at 1/2, 1/4 or 1/8 where that is no less */
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

/** A decoded photo that owns its pixels and never changes. */
typedef struct dcl_photo dcl_photo;

/** The pixels of a photo's bytes, for the functions that take a ::dcl_image_view. Errors:
 * DCL_E_CORRUPT_DATA, UNSUPPORTED, UNAVAILABLE, LIMIT_EXCEEDED, OUT_OF_MEMORY, INVALID_ARGUMENT. */
DCL_API dcl_status dcl_photo_decode(const void* encoded, size_t size,
                                    const dcl_decode_options* options, dcl_photo** photo,
                                    dcl_error* err);
/** Its pixels, and what EXIF says of its focal length. */
DCL_API dcl_status dcl_photo_get_view(const dcl_photo* photo, dcl_image_view* image,
                                      dcl_error* err);
DCL_API void dcl_photo_free(dcl_photo* photo);

/* ---- Model: weights on one device --------------------------------------------------------- */

/** A loaded network; frames of everybody who uses it pass one after the other. */
typedef struct dcl_model dcl_model;

/** Number format of weights and activations; int8 is for Depth Anything on the CPU. AUTO takes the
 * quickest on this device among those that hardly change depth, f32 and bf16. */
enum {
  DCL_PRECISION_F32 = 0,
  DCL_PRECISION_BF16 = 1,
  DCL_PRECISION_F16 = 2,
  DCL_PRECISION_INT8 = 3,
  DCL_PRECISION_AUTO = 4
};

/** How Depth Anything 3 brings a photo to its grid. */
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
  int32_t threads;       /**< of CPU arithmetic, process-wide; 0: as the process has set, or all */
  int32_t reserved;
  double fov_degrees;        /**< horizontal field of view of the photo; not with intrinsics */
  dcl_intrinsics intrinsics; /**< of the upright photo; precede all other sources */
} dcl_model_options;
#define DCL_MODEL_OPTIONS_INIT                                                  \
  {                                                                             \
    sizeof(dcl_model_options), 0, NULL, 0, 0, 0, 0, 0.0, { 0.0, 0.0, 0.0, 0.0 } \
  }

typedef struct dcl_model_info {
  uint32_t struct_size;
  int32_t precision; /**< what it computes in, never AUTO */
  const char* name;
  const char* backend;
  const char* device;
  const char* license;   /**< of the weights; "": not known */
  int64_t parameters;    /**< 0: not known */
  int32_t process_res;   /**< longer side of its grid, pixels */
  int32_t is_metric;     /**< 1: its depth is in metres, for some once the focal length is known */
  int32_t is_multi_view; /**< 1: dcl_model_estimate_views works */
  int32_t reserved;
  const char* architecture; /**< what was recognised, in words; "": not known */
  const char* input;        /**< what it expects, in words; "": any photo */
  int64_t memory_bytes;     /**< of the weights, in its precision; 0: not known */
} dcl_model_info;
#define DCL_MODEL_INFO_INIT \
  { sizeof(dcl_model_info), 0, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, NULL, NULL, 0 }

/** Loads `source`: "builtin", "constant[:METRES[,DELAY_MS]]" (a plane, for tests), a directory or
 * .safetensors file with a Depth Anything 3 or V2 checkpoint, or a TorchScript .pt, which is
 * executable code: trusted files only. `abi` is DCL_ABI_VERSION.
 * Errors: DCL_E_ABI, NOT_FOUND, UNSUPPORTED (nothing reads this source), BAD_MODEL, UNAVAILABLE (no
 * such device, or a build without networks), INVALID_ARGUMENT. */
DCL_API dcl_status dcl_model_load(uint32_t abi, const char* source,
                                  const dcl_model_options* options, dcl_model** model,
                                  dcl_error* err);
DCL_API dcl_status dcl_model_get_info(const dcl_model* model, dcl_model_info* info, dcl_error* err);
/** Runs the network on a gray image of this size until it is at full speed. */
DCL_API dcl_status dcl_model_warm_up(dcl_model* model, int32_t width, int32_t height,
                                     dcl_error* err);
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
      intrinsics;           /**< known cameras: one a view, in pixels of the upright photo */
  const double* extrinsics; /**< theirs, 12 a view: world to camera, row-major 3 x 4; both or
                               neither are NULL */
} dcl_views_options;
#define DCL_VIEWS_OPTIONS_INIT \
  { sizeof(dcl_views_options), 0, NULL, NULL }

/** Depth that owns its planes and never changes. */
typedef struct dcl_depth_map dcl_depth_map;

/** Depth of one image, without a cloud. */
DCL_API dcl_status dcl_model_estimate(dcl_model* model, const dcl_image_view* image,
                                      dcl_depth_map** depth, dcl_error* err);
/** Depth of images that need not have anything in common, in as few passes as their sizes allow:
 * those that share a grid share a pass. `depths` receives `count` handles in the order of the
 * images, or none on an error. */
DCL_API dcl_status dcl_model_estimate_batch(dcl_model* model, const dcl_image_view* const* images,
                                            size_t count, dcl_depth_map** depths, dcl_error* err);
/** Depth of several views of one scene in one pass of a multi-view network: one scale for all,
 * extrinsics in one world frame. `depths` receives `count` handles, or none on an error.
 * DCL_E_UNSUPPORTED: the model knows one view only. */
DCL_API dcl_status dcl_model_estimate_views(dcl_model* model, const dcl_image_view* const* views,
                                            size_t count, const dcl_views_options* options,
                                            dcl_depth_map** depths, dcl_error* err);
/** In host memory: the first call copies what lives on a GPU. */
DCL_API dcl_status dcl_depth_map_get_view(const dcl_depth_map* map, dcl_depth_view* depth,
                                          dcl_error* err);
/** The same depth at another size, for instance the photo's: bilinear between valid neighbours;
 * intrinsics follow. */
DCL_API dcl_status dcl_depth_map_resize(const dcl_depth_map* map, int32_t width, int32_t height,
                                        dcl_depth_map** resized, dcl_error* err);
DCL_API void dcl_depth_map_free(dcl_depth_map* map);

/** Pipelines and streams that use the model keep what they need of it. */
DCL_API void dcl_model_free(dcl_model* model);

/* ---- Pipeline: frame in, cloud and packet out --------------------------------------------- */

/** Which pixels become points. Every filter is off by default. */
typedef struct dcl_cloud_options {
  uint32_t struct_size;
  int32_t stride;              /**< every n-th row and column; 0: 2 in pipelines, 1 in builders */
  float min_confidence;        /**< in the model's own units */
  float confidence_percentile; /**< drops this share of lowest confidence, percent */
  float min_depth;             /**< in the unit of the depth */
  float max_depth;
  float edge_threshold; /**< drops flying pixels: a depth step beyond this share (0.1: 10 %) */
  dcl_axes axes;
  uint64_t max_points;       /**< thinned evenly; 0: no limit */
  dcl_intrinsics intrinsics; /**< in pixels of the depth's grid, in place of its own */
  int32_t keep_transparent;  /**< 1: pixels of alpha 0, which give no point otherwise */
  int32_t reserved;
} dcl_cloud_options;
#define DCL_CLOUD_OPTIONS_INIT \
  { sizeof(dcl_cloud_options), 0, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0, 0, {0.0, 0.0, 0.0, 0.0}, 0, 0 }

/** How the points of a message are written; docs/wire-format.md is the specification. */
enum {
  DCL_ENCODING_F32 = 0,  /**< float32 coordinates, 15 bytes a point: what every viewer reads */
  DCL_ENCODING_Q16 = 1,  /**< 16-bit coordinates in a box, 9 bytes a point */
  DCL_ENCODING_DEPTH = 2 /**< the quantised depth grid, compressed: the reader unprojects */
};

/** Where a reader of DCL_ENCODING_DEPTH has its colours from. */
enum {
  DCL_GRID_COLORS_JPEG = 0,  /**< the message holds them */
  DCL_GRID_COLORS_CLIENT = 1 /**< the reader keeps the frame that it sent */
};

typedef struct dcl_wire_format {
  uint32_t struct_size;
  int32_t encoding;
  double relative_error; /**< of DCL_ENCODING_DEPTH: 0.0001 to 0.1; 0: 0.001 */
  int32_t grid_colors;
  int32_t jpeg_quality; /**< of DCL_GRID_COLORS_JPEG: 1 to 100; 0: 80 */
} dcl_wire_format;
#define DCL_WIRE_FORMAT_INIT \
  { sizeof(dcl_wire_format), 0, 0.0, 0, 0 }

typedef struct dcl_pipeline_options {
  uint32_t struct_size;
  int32_t fast_decode;            /**< 1: reduced JPEG decoding for any network, not just builtin */
  const dcl_cloud_options* cloud; /**< NULL: the defaults */
  const dcl_wire_format* wire;    /**< of the packet; NULL: f32 */
  int64_t max_pixels;             /**< of a photo; 0: as memory allows */
  int32_t max_scans;              /**< of a progressive JPEG; 0: 100 */
  int32_t ignore_orientation;     /**< 1: do not turn the photo upright */
  int32_t no_packet;              /**< 1: save the time of packing */
  int32_t reserved;
  int32_t salvage;  /**< 1: take what is there of a photo that is cut short or corrupt */
  uint32_t formats; /**< of photos: DCL_PHOTO_... or-ed; 0: all */
  int32_t ignore_color_profile; /**< 1: colours as they are stored, not as sRGB */
  int32_t reserved2;
} dcl_pipeline_options;
#define DCL_PIPELINE_OPTIONS_INIT \
  { sizeof(dcl_pipeline_options), 0, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/** The chain with its scratch memory, which is used again from frame to frame. */
typedef struct dcl_pipeline dcl_pipeline;
/** One finished result, which never changes. */
typedef struct dcl_frame dcl_frame;

DCL_API dcl_status dcl_pipeline_create(dcl_model* model, const dcl_pipeline_options* options,
                                       dcl_pipeline** pipeline, dcl_error* err);
/** One frame from JPEG or PNG bytes; `tag` may be NULL. Errors name the stage that failed; the
 * pipeline stays good for the next frame. */
DCL_API dcl_status dcl_pipeline_process(dcl_pipeline* pipeline, const void* encoded, size_t size,
                                        const dcl_tag* tag, dcl_frame** frame, dcl_error* err);
/** One frame from pixels. */
DCL_API dcl_status dcl_pipeline_process_image(dcl_pipeline* pipeline, const dcl_image_view* image,
                                              const dcl_tag* tag, dcl_frame** frame,
                                              dcl_error* err);
/** Replaces the cloud options from the next frame on; on an error nothing changes. */
DCL_API dcl_status dcl_pipeline_set_cloud_options(dcl_pipeline* pipeline,
                                                  const dcl_cloud_options* options, dcl_error* err);
/** Replaces the encoding of packets from the next frame on; on an error nothing changes. */
DCL_API dcl_status dcl_pipeline_set_wire_format(dcl_pipeline* pipeline,
                                                const dcl_wire_format* format, dcl_error* err);
/** Of one timed stage, or DCL_STAGE_TOTAL. */
DCL_API dcl_status dcl_pipeline_get_latency(const dcl_pipeline* pipeline, dcl_stage stage,
                                            dcl_latency_summary* summary, dcl_error* err);
DCL_API void dcl_pipeline_free(dcl_pipeline* pipeline);

/** The msgpack message (docs/wire-format.md); NULL and size 0 when none was made or for no frame.
 * `size` may be NULL. */
DCL_API const uint8_t* dcl_frame_get_packet(const dcl_frame* frame, size_t* size);
DCL_API dcl_status dcl_frame_get_cloud(const dcl_frame* frame, dcl_cloud_view* cloud,
                                       dcl_error* err);
/** Depth, confidence and intrinsics on the network's grid, in host memory: the first call copies
 * what lives on a GPU. */
DCL_API dcl_status dcl_frame_get_depth(const dcl_frame* frame, dcl_depth_view* depth,
                                       dcl_error* err);
DCL_API dcl_status dcl_frame_get_times(const dcl_frame* frame, dcl_stage_times* times,
                                       dcl_error* err);
DCL_API dcl_status dcl_frame_get_tag(const dcl_frame* frame, dcl_tag* tag, dcl_error* err);
DCL_API void dcl_frame_free(dcl_frame* frame);

/* ---- Cloud from known depth: RGB-D cameras, no network ------------------------------------ */

typedef struct dcl_cloud_builder dcl_cloud_builder; /**< options and scratch memory */
typedef struct dcl_cloud dcl_cloud;                 /**< a cloud that owns its points */

DCL_API dcl_status dcl_cloud_builder_create(const dcl_cloud_options* options,
                                            dcl_cloud_builder** builder, dcl_error* err);
/** Unprojects depth, coloured by an image, which may have another size. */
DCL_API dcl_status dcl_cloud_builder_build(dcl_cloud_builder* builder, const dcl_depth_view* depth,
                                           const dcl_image_view* image, dcl_cloud** cloud,
                                           dcl_error* err);
/** The same into a cloud of before, whose memory is used again and whose views end; on an error
 * its points are unspecified. */
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
  uint64_t max_points; /**< thinned evenly over all views; 0: no limit */
} dcl_merge_options;
#define DCL_MERGE_OPTIONS_INIT \
  { sizeof(dcl_merge_options), 0, 0 }

/** Several views as one cloud in the world frame of `extrinsics`: 12 numbers a view, world to
 * camera, row-major 3 x 4, axes opencv, in the clouds' unit. Points come view by view. */
DCL_API dcl_status dcl_cloud_merge(const dcl_cloud_view* const* views, const double* extrinsics,
                                   size_t count, const dcl_merge_options* options,
                                   dcl_cloud** cloud, dcl_error* err);

/** Binary little-endian PLY, or binary PCD 0.7. The file appears under its name when it is
 * complete.
 */
DCL_API dcl_status dcl_cloud_write_ply(const char* path, const dcl_cloud_view* cloud,
                                       dcl_error* err);
DCL_API dcl_status dcl_cloud_write_pcd(const char* path, const dcl_cloud_view* cloud,
                                       dcl_error* err);

/* ---- Wire: clouds to and from msgpack bytes ----------------------------------------------- */

typedef struct dcl_packet dcl_packet; /**< bytes of one message */

/** The message of a cloud in f32 or q16, with the tag (may be NULL) and the time of now. */
DCL_API dcl_status dcl_cloud_pack(const dcl_cloud_view* cloud, const dcl_wire_format* format,
                                  const dcl_tag* tag, dcl_packet** packet, dcl_error* err);
/** The message of known depth, in any encoding, as the builder's options sample it. */
DCL_API dcl_status dcl_cloud_builder_pack(dcl_cloud_builder* builder, const dcl_depth_view* depth,
                                          const dcl_image_view* image,
                                          const dcl_wire_format* format, const dcl_tag* tag,
                                          dcl_packet** packet, dcl_error* err);
/** `size` may be NULL; NULL and size 0 for no packet. */
DCL_API const uint8_t* dcl_packet_get_data(const dcl_packet* packet, size_t* size);
DCL_API void dcl_packet_free(dcl_packet* packet);

/** Bounds on what dcl_packet_unpack accepts from a stranger; 0: the default in brackets. */
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

/** What a message says beside its points. */
typedef struct dcl_packet_info {
  uint32_t struct_size;
  int32_t encoding;
  uint32_t fields; /**< which of the next two are given: DCL_TAG_... or-ed */
  uint32_t reserved;
  uint64_t frame_id;
  double capture_ts;
  char timestamp[64]; /**< as it was written: ISO 8601 */
} dcl_packet_info;
#define DCL_PACKET_INFO_INIT \
  { sizeof(dcl_packet_info), 0, 0, 0, 0, 0.0, "" }

/** Reads a message in any encoding; the cloud has axes v1. `kept` (may be NULL) is the frame whose
 * colours the reader keeps, see DCL_GRID_COLORS_CLIENT; without it such a cloud is white. `info`
 * may be NULL. */
DCL_API dcl_status dcl_packet_unpack(const void* bytes, size_t size,
                                     const dcl_unpack_limits* limits, const dcl_image_view* kept,
                                     dcl_cloud** cloud, dcl_packet_info* info, dcl_error* err);

/* ---- Gate: which frames enter ------------------------------------------------------------- */

/** What becomes of a frame that is offered while max_in_flight others are being processed. */
enum {
  DCL_GATE_LATEST_WINS = 0,    /**< it waits, and a newer one replaces it */
  DCL_GATE_SKIP_WHILE_BUSY = 1 /**< it is skipped */
};

typedef struct dcl_gate_options {
  uint32_t struct_size;
  int32_t policy;
  int32_t max_in_flight; /**< 0: 1 */
  int32_t reserved;
  double max_fps;   /**< a frame that comes sooner after the last that entered is skipped; 0: off */
  double max_age_s; /**< a frame captured longer ago is dropped; 0: off */
} dcl_gate_options;
#define DCL_GATE_OPTIONS_INIT \
  { sizeof(dcl_gate_options), 0, 0, 0, 0.0, 0.0 }

/** Exact at any moment: offered = admitted + skipped + replaced + expired + waiting. */
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

typedef struct dcl_gate dcl_gate;     /**< at most one frame waits in it */
typedef struct dcl_ticket dcl_ticket; /**< one frame that was let in; freeing it makes room */

/** Called once for each frame that the gate took over, when nobody can get at it any more; from any
 * thread that uses the gate or a ticket. NULL: the frames need nothing. */
typedef void (*dcl_release_fn)(void* frame, void* user);

DCL_API dcl_status dcl_gate_create(const dcl_gate_options* options, dcl_release_fn release,
                                   void* user, dcl_gate** gate, dcl_error* err);
/** Offers a frame of yours, not NULL, captured `age_s` seconds ago; never blocks. Unless it is an
 * error the gate owns the frame, also when it answers DCL_SKIPPED. DCL_OK, DCL_REPLACED_OLDER or
 * DCL_SKIPPED. */
DCL_API dcl_status dcl_gate_offer(dcl_gate* gate, void* frame, double age_s, dcl_error* err);
/** The waiting frame, if one may enter now; else DCL_EMPTY, and `ticket` is as it was. */
DCL_API dcl_status dcl_gate_take(dcl_gate* gate, dcl_ticket** ticket, dcl_error* err);
/** Waits for a frame; DCL_EMPTY only once the gate is closed. */
DCL_API dcl_status dcl_gate_take_wait(dcl_gate* gate, dcl_ticket** ticket, dcl_error* err);
/** Turns further frames away, drops the waiting one, wakes dcl_gate_take_wait. */
DCL_API dcl_status dcl_gate_close(dcl_gate* gate, dcl_error* err);
DCL_API dcl_status dcl_gate_get_counters(const dcl_gate* gate, dcl_gate_counters* counters,
                                         dcl_error* err);
DCL_API void dcl_gate_free(dcl_gate* gate);

/** The frame as it was offered, until the ticket is freed; NULL for no ticket. */
DCL_API void* dcl_ticket_get_frame(const dcl_ticket* ticket);
/** Releases the frame and makes room; a ticket may outlive its gate. */
DCL_API void dcl_ticket_free(dcl_ticket* ticket);

/* ---- Stream: frames in from any thread, results out of one -------------------------------- */

typedef struct dcl_stream_options {
  uint32_t struct_size;
  int32_t no_decode_ahead;      /**< 1: a frame that is dropped costs no decoding */
  const dcl_gate_options* gate; /**< NULL: the defaults */
} dcl_stream_options;
#define DCL_STREAM_OPTIONS_INIT \
  { sizeof(dcl_stream_options), 0, NULL }

/** A gate, a pipeline of its own and the threads behind them. */
typedef struct dcl_stream dcl_stream;

/** A result, which is yours: free it, then or later. Called on the stream's thread, never twice at
 * once. Non-zero stops the stream, comes back from dcl_stream_get_result, and neither callback is
 * called again. */
typedef int32_t (*dcl_frame_fn)(dcl_frame* frame, void* user);
/** A frame that failed; the stream goes on. Both pointers die when it returns. */
typedef void (*dcl_failure_fn)(const dcl_tag* tag, const dcl_error* error, void* user);

/** Starts a stream. `on_failure` may be NULL; `user` goes to both callbacks. */
DCL_API dcl_status dcl_stream_create(dcl_model* model, const dcl_pipeline_options* pipeline,
                                     const dcl_stream_options* options, dcl_frame_fn on_frame,
                                     dcl_failure_fn on_failure, void* user, dcl_stream** stream,
                                     dcl_error* err);
/** Offers JPEG or PNG bytes, which are copied, captured `age_s` seconds ago; never blocks. DCL_OK,
 * DCL_REPLACED_OLDER or DCL_SKIPPED; errors in the bytes go to `on_failure`. */
DCL_API dcl_status dcl_stream_offer(dcl_stream* stream, const void* encoded, size_t size,
                                    const dcl_tag* tag, double age_s, dcl_error* err);
DCL_API dcl_status dcl_stream_get_counters(const dcl_stream* stream, dcl_gate_counters* counters,
                                           dcl_error* err);
DCL_API dcl_status dcl_stream_get_latency(const dcl_stream* stream, dcl_stage stage,
                                          dcl_latency_summary* summary, dcl_error* err);
/** What `on_frame` returned to stop the stream; 0: it did not, or there is no stream. */
DCL_API int32_t dcl_stream_get_result(const dcl_stream* stream);
/** Takes no more frames and drops the one that waits; the one in flight is finished. Callbacks may
 * call it. A program that wants every frame first waits until dcl_stream_get_counters shows that
 * none is `waiting` or `in_flight`. */
DCL_API dcl_status dcl_stream_stop(dcl_stream* stream, dcl_error* err);
/** Stops, waits for the frame in flight, frees. In a callback of the same stream, which it would
 * have to wait for, it only stops. */
DCL_API void dcl_stream_free(dcl_stream* stream);

/* ---- Latency statistics ------------------------------------------------------------------- */

typedef struct dcl_latency dcl_latency; /**< stage times of the last frames, in fixed memory */

/** Over the last `window` frames; 0: 1024. */
DCL_API dcl_status dcl_latency_create(size_t window, dcl_latency** latency, dcl_error* err);
DCL_API dcl_status dcl_latency_record(dcl_latency* latency, const dcl_stage_times* times,
                                      dcl_error* err);
DCL_API dcl_status dcl_latency_get_summary(const dcl_latency* latency, dcl_stage stage,
                                           dcl_latency_summary* summary, dcl_error* err);
DCL_API void dcl_latency_free(dcl_latency* latency);

#ifdef __cplusplus
}
#endif
#endif
