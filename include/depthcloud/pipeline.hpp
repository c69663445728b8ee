// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/decode.hpp>
#include <depthcloud/estimator.hpp>
#include <depthcloud/frame.hpp>
#include <depthcloud/latency.hpp>
#include <depthcloud/wire.hpp>
#include <depthcloud/yuv_image.hpp>

namespace depthcloud {

struct PipelineOptions {
  std::string model = "builtin";  ///< a source of DepthEstimator::load
  EstimatorOptions estimator{};
  CloudOptions cloud{};    ///< `stride` is 2 unless it is set
  DecodeOptions decode{};  ///< the pipeline sets min_width and min_height itself
  /// Decodes a JPEG that is much larger than the network's grid at a reduced scale, which changes
  /// the pixels slightly. Always on for the built-in network, which is trained for it.
  bool fast_decode = false;
  bool pack = true;   ///< makes the packet; if false, Frame::packet is empty
  WireFormat wire{};  ///< of the packet
};

/// Runs the whole chain from JPEG to cloud and packet. Clouds are in the camera frame, in
/// CloudOptions::axes and the unit of the depth. Thread-safety: decode() is thread-safe; call the
/// other functions one after the other.
class Pipeline : public FrameProcessor {
 public:
  /// Loads the model. Throws as DepthEstimator::load(), and Error{invalid_argument} if another
  /// option is out of range.
  explicit Pipeline(const PipelineOptions& options = {});
  /// Shares a loaded network with other pipelines; their frames use it one after the other. The
  /// options `model` and `estimator` are ignored. Throws Error{invalid_argument}.
  explicit Pipeline(std::shared_ptr<DepthEstimator> network, const PipelineOptions& options = {});
  ~Pipeline() override;
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;

  /// Returns the result of one frame of JPEG or PNG bytes. Throws Error with the stage that failed;
  /// the pipeline can then process the next frame.
  Frame process(std::span<const std::uint8_t> encoded, const FrameTag& tag = {});

  /// Returns the result of one frame of pixels, which are read only during the call. YUV is
  /// converted to RGB, which counts as `decode`; Frame::image holds the result. Throws as
  /// process().
  Frame process_image(const ImageView& image, const FrameTag& tag = {});
  Frame process_image(const YuvView& image, const FrameTag& tag = {});

  /// process() in two halves: the first stage, and all others. FrameStream runs them at the same
  /// time on different frames.
  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override;
  Frame finish(DecodedFrame decoded, const FrameTag& tag) override;

  /// Runs the whole chain on a gray image of this size, in pixels, so that the first frame is not
  /// slow.
  void warm_up(int width, int height);

  /// Replaces the cloud options from the next frame on; `stride` is 2 unless it is set. On an error
  /// nothing changes.
  void set_cloud_options(const CloudOptions& options);
  /// Replaces the encoding of packets from the next frame on. On an error nothing changes.
  void set_wire_format(const WireFormat& format);

  DepthEstimator& estimator() noexcept;
  /// Returns the stage times of the frames processed so far.
  const LatencyRecorder& latency() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
