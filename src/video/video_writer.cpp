// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/video_writer.hpp>

#include "video/video_library.hpp"

namespace depthcloud {

struct VideoWriter::Impl {
  std::filesystem::path file;
  std::filesystem::path unfinished;  // beside the file
  VideoContent content;
  int width;
  int height;
  std::optional<std::chrono::microseconds> last_time{};
  std::unique_ptr<PictureWriter> writer{};

  ~Impl() {
    if (writer == nullptr) return;
    writer.reset();
    std::error_code ignored;
    std::filesystem::remove(unfinished, ignored);
  }
  void check(VideoContent given, std::chrono::microseconds time);
};

namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::file, message);
}

}  // namespace

void VideoWriter::Impl::check(VideoContent given, std::chrono::microseconds time) {
  if (writer == nullptr) refuse("the video is finished");
  if (given != content) refuse("the video holds pictures of another kind");
  if (time.count() < 0 || (last_time && time < *last_time)) {
    refuse("the time of a picture is before that of the last one");
  }
  last_time = time;
}

VideoWriter::VideoWriter(const std::filesystem::path& file, VideoContent content, int width,
                         int height) {
  constexpr int longest = 16384;
  if (width < 1 || height < 1 || width > longest || height > longest) {
    refuse(fmt::format("a video cannot have {} x {} pixels", width, height));
  }
  std::filesystem::path unfinished = file;
  unfinished += ".unfinished";
  impl_.reset(new Impl{file, unfinished, content, width, height});
  impl_->writer = video_library().make_writer(unfinished, content, width, height);
}

VideoWriter::~VideoWriter() = default;

void VideoWriter::write(const ImageView& image, std::chrono::microseconds time) {
  validate(image);
  if (image.format != PixelFormat::rgb || image.width != impl_->width ||
      image.height != impl_->height) {
    refuse(fmt::format("a picture of the video is not RGB of {} x {} pixels", impl_->width,
                       impl_->height));
  }
  impl_->check(VideoContent::color, time);
  const auto row_bytes = static_cast<std::size_t>(image.width) * 3;
  std::vector<std::uint8_t> packed(row_bytes * static_cast<std::size_t>(image.height));
  for (int v = 0; v < image.height; ++v) {
    std::memcpy(packed.data() + row_bytes * static_cast<std::size_t>(v), image.row(v), row_bytes);
  }
  impl_->writer->write(packed, time);
}

void VideoWriter::write(std::span<const std::uint16_t> pixels, std::chrono::microseconds time) {
  const auto wanted =
      static_cast<std::size_t>(impl_->width) * static_cast<std::size_t>(impl_->height);
  if (pixels.size() != wanted) {
    refuse(fmt::format("a picture of the video has {} pixels, not {} x {}", pixels.size(),
                       impl_->width, impl_->height));
  }
  impl_->check(VideoContent::gray16, time);
  impl_->writer->write({reinterpret_cast<const std::uint8_t*>(pixels.data()), pixels.size_bytes()},
                       time);
}

void VideoWriter::finish() {
  if (!impl_->last_time) refuse("the video has no picture");
  if (impl_->writer == nullptr) return;
  impl_->writer->finish();
  std::error_code failure;
  std::filesystem::rename(impl_->unfinished, impl_->file, failure);
  if (failure) {
    throw Error(ErrorCode::io, Stage::file, "the video cannot be written: " + failure.message());
  }
  impl_->writer.reset();
}

}  // namespace depthcloud
