// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/pipeline.hpp>

#include <algorithm>
#include <utility>

#include <depthcloud/cloud_packer.hpp>
#include <depthcloud/estimator_source.hpp>

#include "core/stopwatch.hpp"
#include "image/decode_common.hpp"

namespace depthcloud {
namespace {

Image gray_image(int width, int height) {
  Image image(width, height);
  std::fill_n(image.data(), image.stride() * height, std::uint8_t{128});
  return image;
}

/// Before a network is loaded for nothing.
void check_options(const PipelineOptions& options) {
  validate(options.decode);
  validate(options.cloud);
  validate(options.wire);
}

CloudOptions with_default_stride(CloudOptions options) {
  if (!options.stride) options.stride = 2;
  return options;
}

}  // namespace

struct Pipeline::Impl {
  EstimatorSource source;
  CloudPacker packer;
  bool pack;
  LatencyRecorder latency{};

  Impl(std::shared_ptr<DepthEstimator> estimator, const PipelineOptions& options)
      : source(std::move(estimator), options.decode, options.fast_decode),
        packer(with_default_stride(options.cloud), options.wire),
        pack(options.pack) {}

  Frame finish(const ImageView& image, double decode_ms, const FrameTag& tag) {
    Frame frame;
    frame.tag = tag;
    StageTimes& ms = frame.times;
    ms[Stage::decode] = decode_ms;
    frame.depth = source.estimator().estimate(image, &ms);  // times preprocess and infer
    packer.build(frame.depth, image, ms, frame.cloud);
    if (pack) frame.packet = packet_of(frame, image);
    return frame;
  }

  std::vector<std::uint8_t> packet_of(Frame& frame, const ImageView& image) {
    if (packer.wire_format().encoding == Encoding::depth) {
      return packer.pack(frame.depth, image, frame.tag, frame.times);
    }
    return packer.pack(std::as_const(frame.cloud).view(), frame.depth, frame.tag, frame.times);
  }
};

Pipeline::Pipeline(const PipelineOptions& options) {
  check_options(options);
  impl_ = std::make_unique<Impl>(
      std::make_shared<DepthEstimator>(DepthEstimator::load(options.model, options.estimator)),
      options);
}

Pipeline::Pipeline(std::shared_ptr<DepthEstimator> network, const PipelineOptions& options)
    : impl_(std::make_unique<Impl>(std::move(network), options)) {}

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

Frame Pipeline::process_image(const YuvView& image, const FrameTag& tag) {
  DecodedFrame decoded;
  {
    const Stopwatch watch(decoded.decode_ms);
    to_rgb(image, decoded.image);
  }
  return finish(std::move(decoded), tag);
}

DecodedFrame Pipeline::decode(std::span<const std::uint8_t> encoded) const {
  return impl_->source.decode(encoded);
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
  impl_->packer.set_cloud_options(with_default_stride(options));
}

void Pipeline::set_wire_format(const WireFormat& format) { impl_->packer.set_wire_format(format); }

DepthEstimator& Pipeline::estimator() noexcept { return impl_->source.estimator(); }

const LatencyRecorder& Pipeline::latency() const noexcept { return impl_->latency; }

}  // namespace depthcloud
