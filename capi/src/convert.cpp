// SPDX-License-Identifier: Apache-2.0
#include "convert.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "copy_text.hpp"
#include "guard.hpp"
#include "versioned.hpp"

namespace depthcloud::capi {
namespace {

/// The enumerator with this value; `last` is the enumeration's last one.
template <typename Enum>
Enum to_enum(std::int32_t value, Enum last, const char* name) {
  if (value < 0 || value > static_cast<std::int32_t>(last)) {
    fail_argument(std::string(name) + " is " + std::to_string(value) +
                  ", which is none of its values");
  }
  return static_cast<Enum>(value);
}

/// Zero means the default.
template <typename T, typename U>
T or_default(U value, T by_default) {
  return value == 0 ? by_default : static_cast<T>(value);
}

/// What programs built with 0.2.0 could set takes every number but 0 for true. Fields added since
/// leave no doubt.
bool to_bool(std::int32_t value, const char* name) {
  if (value != 0 && value != 1) {
    fail_argument(std::string(name) + " is " + std::to_string(value) + ", must be 0 or 1");
  }
  return value == 1;
}

void check_reserved(std::int32_t value, const char* name) {
  if (value != 0) fail_argument(std::string(name) + " is " + std::to_string(value) + ", must be 0");
}

/// Seconds that a clock can count; the bound is 30 years.
Clock::duration to_duration(double seconds, const char* name) {
  constexpr double longest = 1e9;
  if (!(seconds >= 0 && seconds <= longest)) {
    fail_argument(std::string(name) + " is " + std::to_string(seconds) +
                  " seconds, must be from 0 to 1e9");
  }
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

/// Zero: all.
PhotoFormats to_formats(std::uint32_t bits) {
  if (bits == 0) return PhotoFormats::all();
  PhotoFormats formats;
  for (std::uint32_t i = 0; i < 32; ++i) {
    if ((bits >> i & 1) != 0) {
      formats.insert(to_enum(static_cast<std::int32_t>(i), PhotoFormat::tiff, "formats"));
    }
  }
  return formats;
}

Intrinsics to_cpp(const dcl_intrinsics& camera) {
  return {.fx = camera.fx, .fy = camera.fy, .cx = camera.cx, .cy = camera.cy};
}

dcl_intrinsics to_c(const Intrinsics& camera) {
  return {camera.fx, camera.fy, camera.cx, camera.cy};
}

std::optional<Intrinsics> to_optional(const dcl_intrinsics& camera) {
  const Intrinsics given = to_cpp(camera);
  return given == Intrinsics{} ? std::nullopt : std::optional(given);
}

/// With the defaults of its strides and its second plane.
YuvView to_yuv(const dcl_image_view& c, const PhotoInfo& photo) {
  YuvView image{.format = to_enum(c.format - DCL_PIXEL_YUYV, YuvFormat::nv12, "pixel format"),
                .width = c.width,
                .height = c.height,
                .planes = {c.data, c.chroma},
                .matrix = to_enum(c.yuv_matrix, YuvMatrix::bt709, "yuv_matrix"),
                .range = to_enum(c.yuv_range, YuvRange::full, "yuv_range"),
                .photo = photo};
  const std::int64_t pairs = (std::int64_t{c.width} + 1) / 2;
  if (image.format == YuvFormat::yuyv) {
    image.strides[0] = or_default<std::ptrdiff_t>(c.stride, 4 * pairs);
    return image;
  }
  const auto stride = or_default<std::int64_t>(c.stride, std::int64_t{c.width});
  image.strides = {stride,
                   or_default<std::ptrdiff_t>(c.chroma_stride, std::max(stride, 2 * pairs))};
  const bool has_end = c.data != nullptr && c.height > 0 && stride > 0 &&
                       stride <= std::numeric_limits<std::ptrdiff_t>::max() / c.height;
  if (c.chroma == nullptr && has_end) image.planes[1] = c.data + stride * c.height;
  return image;
}

}  // namespace

std::span<const std::uint8_t> to_bytes(const void* bytes, std::size_t size) {
  return {&object(static_cast<const std::uint8_t*>(bytes), "bytes"), size};
}

Clock::time_point captured(double age_s) { return Clock::now() - to_duration(age_s, "age_s"); }

Extrinsics to_extrinsics(const double* numbers) {
  Extrinsics extrinsics;
  std::copy_n(numbers, extrinsics.size(), extrinsics.begin());
  return extrinsics;
}

DecodeOptions to_cpp(const dcl_decode_options* options) {
  const dcl_decode_options c = read_options(options, "dcl_decode_options");
  DecodeOptions cpp;
  cpp.format = to_enum(c.format, PixelFormat::gray, "pixel format");
  cpp.apply_orientation = c.ignore_orientation == 0;
  cpp.min_width = c.min_width;
  cpp.min_height = c.min_height;
  cpp.max_pixels = or_default(c.max_pixels, cpp.max_pixels);
  cpp.max_scans = or_default(c.max_scans, cpp.max_scans);
  cpp.salvage = to_bool(c.salvage, "salvage");
  cpp.alpha = to_bool(c.alpha, "alpha");
  cpp.formats = to_formats(c.formats);
  cpp.apply_color_profile = !to_bool(c.ignore_color_profile, "ignore_color_profile");
  return cpp;
}

EstimatorOptions to_cpp(const dcl_model_options* options) {
  const dcl_model_options c = read_options(options, "dcl_model_options");
  EstimatorOptions cpp;
  if (c.device != nullptr) cpp.device = c.device;
  cpp.precision = to_enum(c.precision, Precision::automatic, "precision");
  cpp.process_res = c.process_res;
  cpp.resize_method = to_enum(c.resize_method, ResizeMethod::lower_bound_crop, "resize_method");
  cpp.threads = c.threads;
  cpp.intrinsics = to_optional(c.intrinsics);
  if (c.fov_degrees != 0) cpp.fov_degrees = c.fov_degrees;
  if (c.metric_model != nullptr) cpp.metric_model = c.metric_model;
  cpp.metric_interval = or_default(c.metric_interval, cpp.metric_interval);
  cpp.tokens = c.tokens;
  if (c.resolution_level != 0) cpp.resolution_level = c.resolution_level - 1;
  cpp.normals = to_bool(c.normals, "normals");
  return cpp;
}

CloudOptions to_cpp(const dcl_cloud_options* options) {
  const dcl_cloud_options c = read_options(options, "dcl_cloud_options");
  check_reserved(c.reserved, "dcl_cloud_options.reserved");
  return {.stride = or_default(c.stride, std::optional<int>()),
          .min_confidence = c.min_confidence,
          .confidence_percentile = c.confidence_percentile,
          .min_depth = c.min_depth,
          .max_depth = or_default(c.max_depth, std::numeric_limits<float>::infinity()),
          .edge_threshold = c.edge_threshold,
          .voxel_size = c.voxel_size,
          .max_points = c.max_points,
          .keep_transparent = to_bool(c.keep_transparent, "keep_transparent"),
          .normals = to_bool(c.normals, "normals"),
          .intrinsics = to_optional(c.intrinsics),
          .axes = to_enum(c.axes, Axes::ros, "axes")};
}

PipelineOptions to_cpp(const dcl_pipeline_options* options) {
  const dcl_pipeline_options c = read_options(options, "dcl_pipeline_options");
  PipelineOptions cpp;
  cpp.cloud = to_cpp(c.cloud);
  cpp.decode.max_pixels = or_default(c.max_pixels, cpp.decode.max_pixels);
  cpp.decode.max_scans = or_default(c.max_scans, cpp.decode.max_scans);
  cpp.decode.apply_orientation = c.ignore_orientation == 0;
  cpp.decode.salvage = to_bool(c.salvage, "salvage");
  cpp.decode.formats = to_formats(c.formats);
  cpp.decode.apply_color_profile = !to_bool(c.ignore_color_profile, "ignore_color_profile");
  check_reserved(c.reserved2, "dcl_pipeline_options.reserved2");
  cpp.fast_decode = c.fast_decode != 0;
  cpp.wire = to_cpp(c.wire);
  cpp.pack = c.no_packet == 0;
  return cpp;
}

WireFormat to_cpp(const dcl_wire_format* format) {
  const dcl_wire_format c = read_options(format, "dcl_wire_format");
  WireFormat cpp;
  cpp.encoding = to_enum(c.encoding, Encoding::depth, "encoding");
  cpp.relative_error = or_default(c.relative_error, cpp.relative_error);
  cpp.colors = to_enum(c.grid_colors, GridColors::client, "grid_colors");
  cpp.jpeg_quality = or_default(c.jpeg_quality, cpp.jpeg_quality);
  return cpp;
}

ViewsOptions to_cpp(const dcl_views_options* options, std::size_t views) {
  const dcl_views_options c = read_options(options, "dcl_views_options");
  ViewsOptions cpp;
  cpp.reference_view = to_enum(c.reference_view, ReferenceView::middle, "reference_view");
  if (c.intrinsics == nullptr && c.extrinsics == nullptr) return cpp;
  object(c.intrinsics, "intrinsics");
  object(c.extrinsics, "extrinsics");
  for (std::size_t i = 0; i < views; ++i) {
    cpp.cameras.push_back({to_cpp(c.intrinsics[i]), to_extrinsics(c.extrinsics + 12 * i)});
  }
  return cpp;
}

MergeOptions to_cpp(const dcl_merge_options* options) {
  const dcl_merge_options c = read_options(options, "dcl_merge_options");
  return {.axes = to_enum(c.axes, Axes::ros, "axes"),
          .voxel_size = c.voxel_size,
          .max_points = c.max_points};
}

CloudFileOptions to_cpp(const dcl_cloud_file_options* options) {
  if (options == nullptr) return {};  // whose axes are not 0, as those of all other options are
  const dcl_cloud_file_options c = read_options(options, "dcl_cloud_file_options");
  if (c.format != DCL_CLOUD_PLY && c.format != DCL_CLOUD_PCD) {
    fail_argument("format is " + std::to_string(c.format) + ", neither PLY nor PCD");
  }
  return {c.format == DCL_CLOUD_PCD, to_enum(c.axes, Axes::ros, "axes")};
}

GateOptions to_cpp(const dcl_gate_options* options) {
  const dcl_gate_options c = read_options(options, "dcl_gate_options");
  GateOptions cpp;
  cpp.policy = to_enum(c.policy, GatePolicy::skip_while_busy, "policy");
  cpp.max_in_flight = or_default(c.max_in_flight, cpp.max_in_flight);
  cpp.max_fps = c.max_fps;
  cpp.max_age = to_duration(c.max_age_s, "max_age_s");
  return cpp;
}

StreamOptions to_cpp(const dcl_stream_options* options) {
  const dcl_stream_options c = read_options(options, "dcl_stream_options");
  return {.gate = to_cpp(c.gate), .decode_ahead = c.no_decode_ahead == 0};
}

UnpackLimits to_cpp(const dcl_unpack_limits* limits) {
  const dcl_unpack_limits c = read_options(limits, "dcl_unpack_limits");
  UnpackLimits cpp;
  cpp.max_bytes = or_default(c.max_bytes, cpp.max_bytes);
  cpp.max_points = or_default(c.max_points, cpp.max_points);
  cpp.max_keys = or_default(c.max_keys, cpp.max_keys);
  cpp.max_depth = or_default(c.max_depth, cpp.max_depth);
  cpp.max_string = or_default(c.max_string, cpp.max_string);
  return cpp;
}

FrameTag to_cpp(const dcl_tag* tag) {
  const dcl_tag c = read_options(tag, "dcl_tag");
  FrameTag cpp;
  if ((c.fields & DCL_TAG_FRAME_ID) != 0) cpp.frame_id = c.frame_id;
  if ((c.fields & DCL_TAG_CAPTURE_TS) != 0) cpp.capture_ts = c.capture_ts;
  return cpp;
}

RawImage to_cpp(const dcl_image_view& image) {
  const dcl_image_view c = read(image, "dcl_image_view");
  const PhotoInfo photo{.width = c.photo_width, .height = c.photo_height, .focal_px = c.focal_px};
  if (c.format == DCL_PIXEL_YUYV || c.format == DCL_PIXEL_NV12) return to_yuv(c, photo);
  const PixelFormat format = to_enum(c.format, PixelFormat::gray, "pixel format");
  const std::int64_t packed = std::int64_t{c.width} * channels(format);
  return ImageView{.data = c.data,
                   .width = c.width,
                   .height = c.height,
                   .stride = or_default<std::ptrdiff_t>(c.stride, packed),
                   .format = format,
                   .photo = photo};
}

Pixels::Pixels(const dcl_image_view& image) {
  const RawImage raw = to_cpp(image);
  if (const auto* own = std::get_if<ImageView>(&raw)) {
    view_ = *own;
  } else {
    to_rgb(std::get<YuvView>(raw), rgb_);
    view_ = std::as_const(rgb_).view();
  }
}

std::variant<DepthView, DepthView16> to_cpp(const dcl_depth_view& depth) {
  const dcl_depth_view c = read(depth, "dcl_depth_view");
  if (c.depth16 == nullptr) {
    return DepthView{.width = c.width,
                     .height = c.height,
                     .depth = c.depth,
                     .confidence = c.confidence,
                     .intrinsics = to_cpp(c.intrinsics),
                     .normals = c.normals};
  }
  if (c.depth != nullptr) fail_argument("dcl_depth_view: depth and depth16 are both set: set one");
  return DepthView16{.width = c.width,
                     .height = c.height,
                     .depth = c.depth16,
                     .scale = or_default(c.depth_scale, DepthView16{}.scale),
                     .confidence = c.confidence,
                     .intrinsics = to_cpp(c.intrinsics)};
}

AlignmentTarget to_cpp(const dcl_alignment_target& target) {
  const dcl_alignment_target c = read(target, "dcl_alignment_target");
  AlignmentTarget cpp{.width = c.width,
                      .height = c.height,
                      .intrinsics = to_cpp(c.intrinsics),
                      .splat = c.no_splat == 0};
  const Extrinsics given = to_extrinsics(c.extrinsics);
  if (given != Extrinsics{}) cpp.extrinsics = given;
  return cpp;
}

ScaleFitOptions to_cpp(const dcl_scale_options* options) {
  const auto c = read_options(options, "dcl_scale_options");
  return {.model = to_enum(c.model, ScaleModel::inverse_depth, "model"),
          .inlier_error = or_default(c.inlier_error, ScaleFitOptions{}.inlier_error)};
}

ScaleFit to_cpp(const dcl_scale_fit& fit) {
  const dcl_scale_fit c = read(fit, "dcl_scale_fit");
  return {.model = to_enum(c.model, ScaleModel::inverse_depth, "model"),
          .scale = c.scale,
          .shift = c.shift,
          .points = c.points,
          .inliers = c.inliers,
          .error = c.error};
}

CloudView to_cpp(const dcl_cloud_view& cloud) {
  const dcl_cloud_view c = read(cloud, "dcl_cloud_view");
  // An array of floats that large does not fit the address space, so it has no end.
  if (c.size > std::numeric_limits<std::ptrdiff_t>::max() / (3 * sizeof(float))) {
    fail_argument("a cloud of " + std::to_string(c.size) + " points fits no memory");
  }
  if (c.size > 0 && c.positions == nullptr) fail_argument("dcl_cloud_view: positions is NULL");
  return {.positions = {c.positions, 3 * c.size},
          .colors = {c.colors, c.colors != nullptr ? 3 * c.size : 0},
          .axes = to_enum(c.axes, Axes::ros, "axes"),
          .num_views = c.num_views,
          .normals = {c.normals, c.normals != nullptr ? 3 * c.size : 0}};
}

StageTimes to_cpp(const dcl_stage_times& times) {
  const dcl_stage_times c = read(times, "dcl_stage_times");
  StageTimes cpp;
  cpp[Stage::decode] = c.decode;
  cpp[Stage::preprocess] = c.preprocess;
  cpp[Stage::infer] = c.infer;
  cpp[Stage::cloud] = c.cloud;
  cpp[Stage::pack] = c.pack;
  cpp[Stage::metric] = c.metric;
  return cpp;
}

dcl_status to_c(OfferResult result) {
  switch (result) {
    case OfferResult::waiting:
      return DCL_OK;
    case OfferResult::replaced_older:
      return DCL_REPLACED_OLDER;
    case OfferResult::skipped:
      return DCL_SKIPPED;
  }
  return DCL_E_INTERNAL;
}

dcl_error to_c(const Error& error) {
  dcl_error c = DCL_ERROR_INIT;
  c.status = -static_cast<dcl_status>(error.code());  // the same numbers, negative
  c.stage = static_cast<dcl_stage>(error.stage());
  copy_text(c.message, error.what());
  return c;
}

dcl_tag to_c(const FrameTag& tag) {
  dcl_tag c = DCL_TAG_INIT;
  if (tag.frame_id) c.fields |= DCL_TAG_FRAME_ID;
  if (tag.capture_ts) c.fields |= DCL_TAG_CAPTURE_TS;
  c.frame_id = tag.frame_id.value_or(0);
  c.capture_ts = tag.capture_ts.value_or(0);
  return c;
}

dcl_packet_info to_c(const Packet& packet) {
  const dcl_tag tag = to_c(FrameTag{packet.frame_id, packet.capture_ts});
  dcl_packet_info c = DCL_PACKET_INFO_INIT;
  c.encoding = static_cast<std::int32_t>(packet.encoding);
  c.fields = tag.fields;
  c.frame_id = tag.frame_id;
  c.capture_ts = tag.capture_ts;
  copy_text(c.timestamp, packet.timestamp);
  if (packet.camera) {
    c.width = packet.camera->width;
    c.height = packet.camera->height;
    c.intrinsics = to_c(packet.camera->intrinsics);
  }
  c.is_metric = packet.is_metric ? static_cast<std::int32_t>(*packet.is_metric) : -1;
  return c;
}

dcl_image_view to_c(const ImageView& image) {
  dcl_image_view c = DCL_IMAGE_VIEW_INIT;
  c.format = static_cast<dcl_pixel_format>(image.format);
  c.data = image.data;
  c.width = image.width;
  c.height = image.height;
  c.stride = image.stride;
  c.photo_width = image.photo.width;
  c.photo_height = image.photo.height;
  c.focal_px = image.photo.focal_px;
  return c;
}

dcl_depth_view to_c(const DepthMap& depth) {
  dcl_depth_view c = DCL_DEPTH_VIEW_INIT;
  c.width = depth.width();
  c.height = depth.height();
  c.is_metric = depth.is_metric() ? 1 : 0;
  c.depth = depth.depth().data();
  c.confidence = depth.confidence().data();
  c.sky = depth.sky().empty() ? nullptr : depth.sky().data();
  c.normals = depth.normals().empty() ? nullptr : depth.normals().data();
  c.intrinsics = to_c(depth.intrinsics());
  c.intrinsics_source = static_cast<std::int32_t>(depth.info().intrinsics_source);
  if (const auto& extrinsics = depth.info().extrinsics) {
    c.has_extrinsics = 1;
    std::copy(extrinsics->begin(), extrinsics->end(), c.extrinsics);
  }
  const ImageRegion& region = depth.info().region;
  c.region[0] = region.x;
  c.region[1] = region.y;
  c.region[2] = region.width;
  c.region[3] = region.height;
  c.metres_source = static_cast<std::int32_t>(depth.info().metres_source);
  return c;
}

dcl_scale_fit to_c(const ScaleFit& fit) {
  return {sizeof(dcl_scale_fit),
          static_cast<std::int32_t>(fit.model),
          fit.scale,
          fit.shift,
          fit.points,
          fit.inliers,
          fit.error};
}

dcl_cloud_view to_c(const CloudView& cloud) {
  dcl_cloud_view c = DCL_CLOUD_VIEW_INIT;
  c.axes = static_cast<dcl_axes>(cloud.axes);
  c.positions = cloud.positions.data();
  if (cloud.size() == 0 || !cloud.colors.empty()) c.colors = cloud.colors.data();
  c.size = cloud.size();
  c.num_views = cloud.num_views;
  if (!cloud.normals.empty()) c.normals = cloud.normals.data();
  return c;
}

dcl_stage_times to_c(const StageTimes& times) {
  return {sizeof(dcl_stage_times), 0,
          times[Stage::decode],    times[Stage::preprocess],
          times[Stage::infer],     times[Stage::cloud],
          times[Stage::pack],      times[Stage::metric]};
}

dcl_gate_counters to_c(const GateCounters& counters) {
  return {sizeof(dcl_gate_counters), 0,
          counters.offered,          counters.admitted,
          counters.skipped,          counters.replaced,
          counters.expired,          counters.waiting,
          counters.in_flight};
}

dcl_latency_summary summary(const LatencyRecorder& latency, dcl_stage stage) {
  const LatencySummary cpp = stage == DCL_STAGE_TOTAL
                                 ? latency.total()
                                 : latency.summary(to_enum(stage, Stage::metric, "stage"));
  return {sizeof(dcl_latency_summary), 0, cpp.count, cpp.p50, cpp.p95, cpp.p99, cpp.max};
}

}  // namespace depthcloud::capi
