// SPDX-License-Identifier: Apache-2.0
#include "video.hpp"

#include <algorithm>
#include <cmath>
#include <exception>

#include <fmt/format.h>

#include <depthcloud/files.hpp>

#include "file_error.hpp"
#include "message.hpp"
#include "stop_signal.hpp"

namespace cli {
namespace {

using std::chrono::microseconds;

microseconds microseconds_of(double seconds) { return microseconds(std::llround(seconds * 1e6)); }

double seconds_of(microseconds time) { return std::chrono::duration<double>(time).count(); }

depthcloud::VideoSourceOptions source_options(const VideoOptions& options,
                                              const NetworkOptions& network) {
  depthcloud::VideoSourceOptions result{.max_fps = options.fps,
                                        .start = microseconds_of(options.start)};
  if (options.end) result.end = microseconds_of(*options.end);
  if (network.decode.max_pixels > 0) result.max_pixels = network.decode.max_pixels;
  return result;
}

}  // namespace

VideoInput::VideoInput(const std::filesystem::path& name, const VideoOptions& options,
                       const NetworkOptions& network)
    : name_(depthcloud::without_password(name.string())), options_(options) {
  catch_stop_signals();
  source_ = with_file(name_, [&] {
    return std::make_unique<depthcloud::VideoSource>(name.string(),
                                                     source_options(options, network));
  });
  watch_ = std::thread([this] {
    constexpr std::chrono::milliseconds slice(50);
    while (!is_done_ && !stop_requested()) std::this_thread::sleep_for(slice);
    source_->stop();
  });
}

VideoInput::~VideoInput() {
  is_done_ = true;
  watch_.join();
}

std::size_t VideoInput::expected() const {
  const depthcloud::VideoInfo& info = source_->info();
  std::size_t count = options_.max_frames;
  const double rate = options_.fps > 0 ? std::min(options_.fps, info.fps) : info.fps;
  if (info.duration && rate > 0) {
    const double end = std::min(options_.end.value_or(1e9), seconds_of(*info.duration));
    const double pictures = std::ceil(std::max(end - options_.start, 0.0) * rate);
    const auto all = static_cast<std::size_t>(std::max(pictures, 1.0));
    count = count == 0 ? all : std::min(count, all);
  }
  return count;
}

std::optional<depthcloud::VideoFrame> VideoInput::next() {
  if (stop_requested() || (options_.max_frames > 0 && taken_ >= options_.max_frames)) {
    return std::nullopt;
  }
  ++taken_;
  return with_file(name_, [&] { return source_->read(); });
}

std::filesystem::path PictureFiles::file_of(const depthcloud::VideoFrame& frame) const {
  return folder_ / fmt::format("{:06}.{}", frame.index, suffix_);
}

void PictureFiles::add(std::uint64_t number, microseconds time, const std::filesystem::path& file) {
  rows_ += fmt::format("{},{:.6f},{}\n", number, seconds_of(time), file.filename().string());
}

void PictureFiles::write_table() const {
  const std::filesystem::path file = folder_ / "frames.csv";
  with_file(file, [&] {
    depthcloud::write_file(
        file, std::span(reinterpret_cast<const std::uint8_t*>(rows_.data()), rows_.size()));
  });
}

std::size_t for_each_picture(VideoInput& video, Progress& progress,
                             const std::function<void(depthcloud::VideoFrame&&)>& make) {
  std::size_t failures = 0;
  while (std::optional<depthcloud::VideoFrame> frame = video.next()) {
    const std::uint64_t number = frame->index;
    try {
      make(std::move(*frame));
      progress.advance();
    } catch (const std::exception& error) {
      ++failures;
      progress.failed(
          fmt::format("depthcloud: {}: picture {}: {}", video.name(), number, message(error)));
    }
  }
  return failures;
}

int run_video(VideoInput& video, PictureFiles& files, Progress& progress,
              const std::function<void(depthcloud::Image&&, const std::filesystem::path&)>& make) {
  std::size_t made = 0;
  const auto make_one = [&](depthcloud::VideoFrame&& frame) {
    const std::filesystem::path file = files.file_of(frame);
    make(std::move(frame.image), file);
    files.add(frame.index, frame.time, file);
    ++made;
  };
  std::size_t failures = 0;
  try {
    failures = for_each_picture(video, progress, make_one);
  } catch (...) {
    files.write_table();
    throw;
  }
  files.write_table();
  progress.tell(fmt::format("{}: {} pictures", video.name(), made));
  return failures == 0 ? 0 : 1;
}

}  // namespace cli
