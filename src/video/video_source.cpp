// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>

#include <depthcloud/video_source.hpp>

#include "video/video_library.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::control, message);
}

double seconds(std::chrono::microseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

struct VideoSource::Impl {
  std::unique_ptr<SourceReader> reader;
};

void validate(const VideoSourceOptions& options) {
  if (!std::isfinite(options.max_fps) || options.max_fps < 0) {
    refuse(fmt::format("max_fps is {}, must be finite and not negative", options.max_fps));
  }
  constexpr std::chrono::microseconds latest = std::chrono::hours(24 * 365);
  if (options.start.count() < 0 || options.start > latest) {
    refuse(fmt::format("start is {} s, must be 0 to a year", seconds(options.start)));
  }
  if (options.end && (*options.end < options.start || *options.end > latest)) {
    refuse(fmt::format("end is {} s, must be the start ({} s) to a year", seconds(*options.end),
                       seconds(options.start)));
  }
  if (options.timeout < Clock::duration::zero()) {
    refuse(fmt::format("timeout is {} s, must not be negative",
                       std::chrono::duration<double>(options.timeout).count()));
  }
  if (options.max_pixels < 1) {
    refuse(fmt::format("max_pixels is {}, must be at least 1", options.max_pixels));
  }
}

VideoSource::VideoSource(std::string_view uri, const VideoSourceOptions& options) {
  validate(options);
  impl_ = std::make_unique<Impl>();
  impl_->reader = video_library().open(uri, options);
}

VideoSource::~VideoSource() = default;

std::optional<VideoFrame> VideoSource::read() { return impl_->reader->read(); }

void VideoSource::stop() noexcept { impl_->reader->stop(); }

const VideoInfo& VideoSource::info() const { return impl_->reader->info(); }

VideoSourceCounters VideoSource::counters() const { return impl_->reader->counters(); }

}  // namespace depthcloud
