// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include <depthcloud/depthcloud.h>
#include <depthcloud/depthcloud.hpp>

#include "guard.hpp"

// Values of the C API as values of the C++ one, and back. They throw Error{invalid_argument} for
// what C++ could not hold; the C++ call checks the rest.

namespace depthcloud::capi {

std::span<const std::uint8_t> to_bytes(const void* bytes, std::size_t size);
Clock::time_point captured(double age_s);
/// One row-major 3 x 4 transform.
Extrinsics to_extrinsics(const double* numbers);

/// An array of `count` pointers; it may be NULL when there are none.
template <typename T>
std::span<T* const> pointers(T* const* array, std::size_t count, const char* name) {
  constexpr std::size_t most = 4096;
  if (count > most) fail_argument(std::string(name) + ": more than 4096");
  return count == 0 ? std::span<T* const>{} : std::span<T* const>{&object(array, name), count};
}

DecodeOptions to_cpp(const dcl_decode_options* options);
EstimatorOptions to_cpp(const dcl_model_options* options);
CloudOptions to_cpp(const dcl_cloud_options* options);
PipelineOptions to_cpp(const dcl_pipeline_options* options);
WireFormat to_cpp(const dcl_wire_format* format);
ViewsOptions to_cpp(const dcl_views_options* options, std::size_t views);
MergeOptions to_cpp(const dcl_merge_options* options);

/// dcl_cloud_file_options.
struct CloudFileOptions {
  bool is_pcd = false;  ///< else PLY
  Axes axes = Axes::opengl;
};
CloudFileOptions to_cpp(const dcl_cloud_file_options* options);

GateOptions to_cpp(const dcl_gate_options* options);
StreamOptions to_cpp(const dcl_stream_options* options);
UnpackLimits to_cpp(const dcl_unpack_limits* limits);
FrameTag to_cpp(const dcl_tag* tag);

RawImage to_cpp(const dcl_image_view& image);
std::variant<DepthView, DepthView16> to_cpp(const dcl_depth_view& depth);
AlignmentTarget to_cpp(const dcl_alignment_target& target);
ScaleFitOptions to_cpp(const dcl_scale_options* options);
ScaleFit to_cpp(const dcl_scale_fit& fit);
CloudView to_cpp(const dcl_cloud_view& cloud);
StageTimes to_cpp(const dcl_stage_times& times);

/// The pixels of an argument: the program's own, or if they are YUV a copy as RGB.
class Pixels {
 public:
  explicit Pixels(const dcl_image_view& image);
  Pixels(const Pixels&) = delete;
  Pixels& operator=(const Pixels&) = delete;

  const ImageView& view() const { return view_; }

 private:
  Image rgb_;
  ImageView view_;
};

dcl_status to_c(OfferResult result);
dcl_error to_c(const Error& error);
dcl_tag to_c(const FrameTag& tag);
dcl_packet_info to_c(const Packet& packet);
dcl_image_view to_c(const ImageView& image);
dcl_depth_view to_c(const DepthMap& depth);
dcl_scale_fit to_c(const ScaleFit& fit);
dcl_cloud_view to_c(const CloudView& cloud);
dcl_stage_times to_c(const StageTimes& times);
dcl_gate_counters to_c(const GateCounters& counters);

/// The summary of one stage or of DCL_STAGE_TOTAL.
dcl_latency_summary summary(const LatencyRecorder& latency, dcl_stage stage);

}  // namespace depthcloud::capi
