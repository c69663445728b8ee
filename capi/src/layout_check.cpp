// SPDX-License-Identifier: Apache-2.0
// What a program that is built already relies on: the layout of every public struct on 64-bit
// machines, and the numbers that the C API shares with C++. A failing assertion is an ABI break.
#include <cstddef>

#include <depthcloud/depthcloud.h>
#include <depthcloud/depthcloud.hpp>

namespace {

#define LAYOUT(type, size, last, offset) \
  static_assert(sizeof(type) == (size) && offsetof(type, last) == (offset))

#if UINTPTR_MAX == UINT64_MAX
LAYOUT(dcl_error, 512, message, 12);
LAYOUT(dcl_device_info, 128, description, 20);
LAYOUT(dcl_intrinsics, 32, cy, 24);
LAYOUT(dcl_image_view, 72, yuv_range, 68);
LAYOUT(dcl_depth_view, 240, normals, 232);
LAYOUT(dcl_cloud_view, 48, normals, 40);
LAYOUT(dcl_tag, 24, capture_ts, 16);
LAYOUT(dcl_stage_times, 56, metric, 48);
LAYOUT(dcl_latency_summary, 48, max, 40);
LAYOUT(dcl_model_options, 96, normals, 92);
LAYOUT(dcl_decode_options, 48, ignore_color_profile, 44);
LAYOUT(dcl_model_info, 120, has_normals, 116);
LAYOUT(dcl_views_options, 24, extrinsics, 16);
LAYOUT(dcl_cloud_options, 96, normals, 88);
LAYOUT(dcl_wire_format, 24, jpeg_quality, 20);
LAYOUT(dcl_pipeline_options, 64, ignore_color_profile, 56);
LAYOUT(dcl_cloud_file_options, 12, axes, 8);
LAYOUT(dcl_merge_options, 24, voxel_size, 16);
LAYOUT(dcl_packet_info, 144, reserved2, 140);
LAYOUT(dcl_unpack_limits, 48, max_string, 40);
LAYOUT(dcl_gate_options, 32, max_age_s, 24);
LAYOUT(dcl_gate_counters, 64, in_flight, 56);
LAYOUT(dcl_stream_options, 16, gate, 8);
LAYOUT(dcl_alignment_target, 144, extrinsics, 48);
LAYOUT(dcl_scale_options, 16, inlier_error, 8);
LAYOUT(dcl_scale_fit, 48, error, 40);
LAYOUT(dcl_video_options, 56, max_pixels, 48);
LAYOUT(dcl_video_info, 96, codec, 32);
LAYOUT(dcl_video_picture, 24, time_s, 16);
LAYOUT(dcl_video_counters, 56, corrupt, 48);
#endif

#define SAME(c, cpp) static_assert((c) == static_cast<int>(cpp))

using namespace depthcloud;
SAME(-DCL_E_INVALID_ARGUMENT, ErrorCode::invalid_argument);
SAME(-DCL_E_CORRUPT_DATA, ErrorCode::corrupt_data);
SAME(-DCL_E_UNSUPPORTED, ErrorCode::unsupported);
SAME(-DCL_E_LIMIT_EXCEEDED, ErrorCode::limit_exceeded);
SAME(-DCL_E_NOT_FOUND, ErrorCode::not_found);
SAME(-DCL_E_IO, ErrorCode::io);
SAME(-DCL_E_UNAVAILABLE, ErrorCode::unavailable);
SAME(-DCL_E_OUT_OF_MEMORY, ErrorCode::out_of_memory);
SAME(-DCL_E_BAD_MODEL, ErrorCode::bad_model);
SAME(-DCL_E_INTERNAL, ErrorCode::internal);
SAME(-DCL_E_CANCELLED, ErrorCode::cancelled);
SAME(DCL_STAGE_DECODE, Stage::decode);
SAME(DCL_STAGE_PREPROCESS, Stage::preprocess);
SAME(DCL_STAGE_INFER, Stage::infer);
SAME(DCL_STAGE_CLOUD, Stage::cloud);
SAME(DCL_STAGE_PACK, Stage::pack);
SAME(DCL_STAGE_LOAD, Stage::load);
SAME(DCL_STAGE_FILE, Stage::file);
SAME(DCL_STAGE_CONTROL, Stage::control);
SAME(DCL_STAGE_METRIC, Stage::metric);
SAME(DCL_INTRINSICS_OPTIONS, IntrinsicsSource::options);
SAME(DCL_INTRINSICS_MODEL, IntrinsicsSource::model);
SAME(DCL_INTRINSICS_EXIF, IntrinsicsSource::exif);
SAME(DCL_INTRINSICS_DEFAULT_FOV, IntrinsicsSource::default_fov);
SAME(DCL_METRES_UNKNOWN, MetresSource::unknown);
SAME(DCL_METRES_MODEL, MetresSource::model);
SAME(DCL_METRES_METRIC_MODEL, MetresSource::metric_model);
SAME(DCL_METRES_KNOWN_DEPTH, MetresSource::known_depth);
SAME(DCL_METRES_MEASURED, MetresSource::measured);
SAME(DCL_SCALE_SCALE, ScaleModel::scale);
SAME(DCL_SCALE_DEPTH, ScaleModel::depth);
SAME(DCL_SCALE_INVERSE_DEPTH, ScaleModel::inverse_depth);
SAME(DCL_AXES_OPENCV, Axes::opencv);
SAME(DCL_AXES_OPENGL, Axes::opengl);
SAME(DCL_AXES_V1, Axes::v1);
SAME(DCL_AXES_ROS, Axes::ros);
SAME(DCL_PIXEL_RGB, PixelFormat::rgb);
SAME(DCL_PIXEL_BGR, PixelFormat::bgr);
SAME(DCL_PIXEL_RGBA, PixelFormat::rgba);
SAME(DCL_PIXEL_BGRA, PixelFormat::bgra);
SAME(DCL_PIXEL_GRAY, PixelFormat::gray);
SAME(DCL_PIXEL_YUYV - DCL_PIXEL_YUYV, YuvFormat::yuyv);
SAME(DCL_PIXEL_NV12 - DCL_PIXEL_YUYV, YuvFormat::nv12);
SAME(DCL_YUV_BT601, YuvMatrix::bt601);
SAME(DCL_YUV_BT709, YuvMatrix::bt709);
SAME(DCL_YUV_LIMITED, YuvRange::limited);
SAME(DCL_YUV_FULL, YuvRange::full);
#define SAME_FORMAT(c, cpp) static_assert((c) == 1 << static_cast<int>(cpp))
SAME_FORMAT(DCL_PHOTO_JPEG, PhotoFormat::jpeg);
SAME_FORMAT(DCL_PHOTO_PNG, PhotoFormat::png);
SAME_FORMAT(DCL_PHOTO_WEBP, PhotoFormat::webp);
SAME_FORMAT(DCL_PHOTO_HEIC, PhotoFormat::heic);
SAME_FORMAT(DCL_PHOTO_AVIF, PhotoFormat::avif);
SAME_FORMAT(DCL_PHOTO_TIFF, PhotoFormat::tiff);
SAME(DCL_PRECISION_F32, Precision::f32);
SAME(DCL_PRECISION_BF16, Precision::bf16);
SAME(DCL_PRECISION_F16, Precision::f16);
SAME(DCL_PRECISION_INT8, Precision::int8);
SAME(DCL_PRECISION_AUTO, Precision::automatic);
SAME(DCL_RESIZE_UPPER_BOUND_RESIZE, ResizeMethod::upper_bound_resize);
SAME(DCL_RESIZE_UPPER_BOUND_CROP, ResizeMethod::upper_bound_crop);
SAME(DCL_RESIZE_LOWER_BOUND_RESIZE, ResizeMethod::lower_bound_resize);
SAME(DCL_RESIZE_LOWER_BOUND_CROP, ResizeMethod::lower_bound_crop);
SAME(DCL_ENCODING_F32, Encoding::f32);
SAME(DCL_ENCODING_Q16, Encoding::q16);
SAME(DCL_ENCODING_DEPTH, Encoding::depth);
SAME(DCL_GRID_COLORS_JPEG, GridColors::jpeg);
SAME(DCL_GRID_COLORS_CLIENT, GridColors::client);
SAME(DCL_REFERENCE_SADDLE_BALANCED, ReferenceView::saddle_balanced);
SAME(DCL_REFERENCE_SADDLE_SIM_RANGE, ReferenceView::saddle_sim_range);
SAME(DCL_REFERENCE_FIRST, ReferenceView::first);
SAME(DCL_REFERENCE_MIDDLE, ReferenceView::middle);
SAME(DCL_GATE_LATEST_WINS, GatePolicy::latest_wins);
SAME(DCL_GATE_SKIP_WHILE_BUSY, GatePolicy::skip_while_busy);

}  // namespace
