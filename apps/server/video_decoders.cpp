// SPDX-License-Identifier: Apache-2.0
#include "video_decoders.hpp"

#include <new>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <depthcloud/error.hpp>

#include "in_quotes.hpp"

namespace server {
namespace {

using depthcloud::VideoCodec;
using depthcloud::VideoDecoder;
using depthcloud::VideoDecoderCounters;

VideoDecoderCounters& operator+=(VideoDecoderCounters& sum, const VideoDecoderCounters& counters) {
  sum.units += counters.units;
  sum.decoded += counters.decoded;
  sum.failed += counters.failed;
  sum.dropped += counters.dropped;
  sum.waiting += counters.waiting;
  sum.replaced += counters.replaced;
  return sum;
}

}  // namespace

VideoCodecs decodable_codecs() {
  VideoCodecs codecs;
  for (const auto codec : {VideoCodec::h264, VideoCodec::vp8, VideoCodec::vp9, VideoCodec::av1}) {
    try {
      const VideoDecoder trial(codec, {.picture = [](depthcloud::VideoFrame&&) {}});
      codecs.push_back(codec);
    } catch (const depthcloud::Error& error) {
      spdlog::info("event=no_decoder codec={} reason={}", to_string(codec),
                   in_quotes(error.what(), 300));
    }
  }
  return codecs;
}

std::string names_of(const VideoCodecs& codecs) {
  std::string names;
  for (const VideoCodec codec : codecs) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", to_string(codec));
  }
  return names;
}

void VideoDecoders::add(const VideoDecoder& decoder) {
  const std::lock_guard lock(mutex_);
  decoders_.insert(&decoder);
}

void VideoDecoders::end(std::unique_ptr<SeatedDecoder> decoder) noexcept {
  try {
    run([decoder = std::move(decoder)]() mutable { decoder.reset(); });
  } catch (const std::bad_alloc&) {  // it has ended here then
  }
}

/// What still waits for a decoder that ends is dropped.
void VideoDecoders::forget(const VideoDecoder& decoder) noexcept {
  const std::lock_guard lock(mutex_);
  VideoDecoderCounters last = decoder.counters();
  last.dropped += std::exchange(last.waiting, 0);
  ended_ += last;
  decoders_.erase(&decoder);
}

VideoDecoderCounters VideoDecoders::counters() const {
  const std::lock_guard lock(mutex_);
  VideoDecoderCounters sum = ended_;
  for (const VideoDecoder* decoder : decoders_) sum += decoder->counters();
  return sum;
}

}  // namespace server
