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

namespace depthcloud {

struct PipelineOptions {
  std::string model = "builtin";  ///< a source of DepthEstimator::load
  EstimatorOptions estimator{};
  CloudOptions cloud{.stride = 2};
  DecodeOptions decode{};  ///< its size wishes are set by the pipeline
  /// Decode at a reduced scale where the photo is much larger than the network's grid. The built-in
  /// network is trained for it; others keep their reference pixels unless this is set.
  bool fast_decode = false;
  bool pack = true;   ///< make the packet; without it Frame::packet stays empty
  WireFormat wire{};  ///< of the packet
};

/// The whole chain: JPEG in, cloud and packet out; the only place that knows all stages.
/// Thread-safety: decode() from any thread; process() and finish() one after the other.
class Pipeline : public FrameProcessor {
 public:
  /// Loads the model. Errors as DepthEstimator::load, and invalid_argument for any option.
  explicit Pipeline(const PipelineOptions& options = {});
  /// Shares a loaded network with other pipelines, whose frames pass it one after the other; the
  /// options `model` and `estimator` have had their effect. Errors: invalid_argument.
  explicit Pipeline(std::shared_ptr<DepthEstimator> network, const PipelineOptions& options = {});
  ~Pipeline() override;
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;

  /// One frame from JPEG (or PNG) bytes to packet. Errors name the stage that failed; the pipeline
  /// stays good for the next frame.
  Frame process(std::span<const std::uint8_t> encoded, const FrameTag& tag = {});

  /// One frame from pixels, which are only read. Errors as above.
  Frame process_image(const ImageView& image, const FrameTag& tag = {});

  /// The first stage alone, and the others: what FrameStream overlaps.
  DecodedFrame decode(std::span<const std::uint8_t> encoded) const override;
  Frame finish(DecodedFrame decoded, const FrameTag& tag) override;

  /// Runs the whole chain on a gray image of this size, so that the first frame is not the slow
  /// one.
  void warm_up(int width, int height);

  /// Replaces the cloud options from the next frame on. On an error nothing changes.
  void set_cloud_options(const CloudOptions& options);
  /// Replaces the encoding of packets from the next frame on. On an error nothing changes.
  void set_wire_format(const WireFormat& format);

  DepthEstimator& estimator() noexcept;
  /// Stage times of the frames processed so far.
  const LatencyRecorder& latency() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
