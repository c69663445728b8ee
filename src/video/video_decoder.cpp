// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <fmt/format.h>

#include <depthcloud/video_decoder.hpp>

#include "video/video_library.hpp"

namespace depthcloud {

struct VideoDecoder::Impl {
  std::unique_ptr<UnitDecoder> decoder;
};

namespace {

void check(const VideoDecoderCallbacks& callbacks, const VideoDecoderOptions& options) {
  const auto refuse = [](const std::string& message) {
    throw Error(ErrorCode::invalid_argument, Stage::control, message);
  };
  if (!callbacks.picture) refuse("the decoder has no callback 'picture'");
  if (options.max_pixels < 1) {
    refuse(fmt::format("max_pixels is {}, must be at least 1", options.max_pixels));
  }
  if (options.max_unit_bytes < 1) refuse("max_unit_bytes is 0, must be at least 1");
  if (options.max_waiting < 1) refuse("max_waiting is 0, must be at least 1");
  if (options.max_keyless <= Clock::duration::zero()) {
    refuse(fmt::format("max_keyless is {} s, must be positive",
                       std::chrono::duration<double>(options.max_keyless).count()));
  }
}

}  // namespace

VideoDecoder::VideoDecoder(VideoCodec codec, VideoDecoderCallbacks callbacks,
                           const VideoDecoderOptions& options) {
  check(callbacks, options);
  impl_ = std::make_unique<Impl>();
  impl_->decoder = video_library().make_decoder(codec, std::move(callbacks), options);
}

VideoDecoder::~VideoDecoder() = default;

void VideoDecoder::push(const AccessUnit& unit) { impl_->decoder->push(unit); }

VideoDecoderCounters VideoDecoder::counters() const { return impl_->decoder->counters(); }

}  // namespace depthcloud
