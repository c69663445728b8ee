// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

#include <depthcloud/image.hpp>

namespace depthcloud {

/// What the pictures of a written video hold.
enum class VideoContent {
  color,   ///< RGB, in H.264, or in VP8 where there is no encoder of H.264
  gray16,  ///< 16 bits of gray, in FFV1, without loss
};

/// Writes a Matroska video (.mkv). Thread-safety: one thread at a time.
class VideoWriter {
 public:
  /// Begins to write beside `file`, which is replaced when the video is finished. Sizes in pixels.
  /// Throws Error{unavailable} if this build has no video or the machine no encoder (the message
  /// names the package to install), Error{invalid_argument}, Error{io}.
  VideoWriter(const std::filesystem::path& file, VideoContent content, int width, int height);
  /// A video that is not finished leaves no file.
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  /// Adds a picture of the size of the video, with its presentation time, which must not be before
  /// that of the last one. May wait for the encoder. Throws Error{invalid_argument}, Error{io}.
  void write(const ImageView& image, std::chrono::microseconds time);
  /// The same of gray16: rows without gaps.
  void write(std::span<const std::uint16_t> pixels, std::chrono::microseconds time);

  /// Completes the file. Throws Error{io}, Error{invalid_argument} if it has no picture.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
