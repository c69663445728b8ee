// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <utility>

#include <depthcloud/error.hpp>
#include <depthcloud/pipeline.hpp>
#include <depthcloud/wire.hpp>

#include "image/decode_common.hpp"

namespace depthcloud {
namespace {

/// What `stage` returns; the milliseconds that it took go to `ms`.
template <typename Function>
auto timed(double& ms, Function&& stage) {
  const auto start = std::chrono::steady_clock::now();
  auto result = stage();
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - start;
  ms = elapsed.count();
  return result;
}

/// Times of the stages before pack travel in the packet; how long packing takes is not yet known.
WireOptions wire_options(const FrameTag& tag, const StageTimes& times, const WireFormat& format) {
  return {
      .frame_id = tag.frame_id, .capture_ts = tag.capture_ts, .stage_ms = times, .format = format};
}

Image gray_image(int width, int height) {
  Image image(width, height);
  std::fill_n(image.data(), image.stride() * height, std::uint8_t{128});
  return image;
}

}  // namespace

struct Pipeline::Impl {
  PipelineOptions options;
  std::shared_ptr<DepthEstimator> estimator;
  PointCloudBuilder builder;
  bool scaled_decode;
  DepthGrid depth_grid{};  // its memory serves all frames
  LatencyRecorder latency{};

  Impl(std::shared_ptr<DepthEstimator> network, const PipelineOptions& o)
      : options(o),
        estimator(std::move(network)),
        builder(o.cloud),
        scaled_decode(o.fast_decode || estimator->info().name == "builtin") {}

  DecodeOptions decode_options(std::span<const std::uint8_t> encoded) const {
    DecodeOptions decode = options.decode;
    decode.min_width = decode.min_height = 0;
    if (scaled_decode) {
      const PhotoInfo photo = read_photo_info(encoded, decode);
      const DepthEstimator::Grid grid = estimator->grid(photo.width, photo.height);
      decode.min_width = grid.width;
      decode.min_height = grid.height;
    }
    return decode;
  }

  DecodedFrame decode(std::span<const std::uint8_t> encoded) const {
    DecodedFrame decoded;
    decoded.image =
        timed(decoded.decode_ms, [&] { return decode_image(encoded, decode_options(encoded)); });
    return decoded;
  }

  Frame finish(const ImageView& image, double decode_ms, const FrameTag& tag) {
    Frame frame;
    frame.tag = tag;
    StageTimes& ms = frame.times;
    ms[Stage::decode] = decode_ms;
    frame.depth = estimator->estimate(image, &ms);  // times preprocess and infer
    frame.cloud = timed(ms[Stage::cloud], [&] { return builder.build(frame.depth, image); });
    if (options.pack) frame.packet = timed(ms[Stage::pack], [&] { return packed(frame, image); });
    return frame;
  }

  std::vector<std::uint8_t> packed(const Frame& frame, const ImageView& image) {
    const WireOptions wire = wire_options(frame.tag, frame.times, options.wire);
    if (options.wire.encoding != Encoding::depth) {
      return depthcloud::pack(frame.cloud.view(), wire);
    }
    builder.build_grid(frame.depth, image, depth_grid);
    return depthcloud::pack(depth_grid, wire);
  }
};

Pipeline::Pipeline(const PipelineOptions& options) {
  check(options.decode);
  check(options.cloud);
  check(options.wire);
  impl_ = std::make_unique<Impl>(
      std::make_shared<DepthEstimator>(DepthEstimator::load(options.model, options.estimator)),
      options);
}

Pipeline::Pipeline(std::shared_ptr<DepthEstimator> network, const PipelineOptions& options) {
  if (!network) {
    throw Error(ErrorCode::invalid_argument, Stage::load, "the pipeline was given no network");
  }
  check(options.decode);
  check(options.cloud);
  check(options.wire);
  impl_ = std::make_unique<Impl>(std::move(network), options);
}

Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;

Frame Pipeline::process(std::span<const std::uint8_t> encoded, const FrameTag& tag) {
  return finish(decode(encoded), tag);
}

Frame Pipeline::process_image(const ImageView& image, const FrameTag& tag) {
  Frame frame = impl_->finish(image, 0.0, tag);
  impl_->latency.record(frame.times);
  return frame;
}

DecodedFrame Pipeline::decode(std::span<const std::uint8_t> encoded) const {
  return impl_->decode(encoded);
}

Frame Pipeline::finish(DecodedFrame decoded, const FrameTag& tag) {
  Frame frame = impl_->finish(decoded.image.view(), decoded.decode_ms, tag);
  frame.image = std::move(decoded.image);
  impl_->latency.record(frame.times);
  return frame;
}

void Pipeline::warm_up(int width, int height) {
  const Image image = gray_image(width, height);
  impl_->finish(image.view(), 0.0, {});
}

void Pipeline::set_cloud_options(const CloudOptions& options) {
  impl_->builder.set_options(options);
}

void Pipeline::set_wire_format(const WireFormat& format) {
  check(format);
  impl_->options.wire = format;
}

DepthEstimator& Pipeline::estimator() noexcept { return *impl_->estimator; }

const LatencyRecorder& Pipeline::latency() const noexcept { return impl_->latency; }

}  // namespace depthcloud
