// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <depthcloud/error.hpp>
#include <depthcloud/video_frame.hpp>

namespace depthcloud {

struct VideoSourceOptions {
  /// Largest number of pictures a second, by their presentation times: those between are skipped.
  /// 0: all.
  double max_fps = 0;
  std::chrono::microseconds start{};               ///< presentation time of the first picture
  std::optional<std::chrono::microseconds> end{};  ///< none is later than this; empty: to the end
  bool loop = false;                               ///< begins anew at its end; a file only
  /// Gives each picture of a file when it is due, and drops those for which read() came too late.
  /// Live sources always do. If false, read() gives every picture as fast as it is decoded.
  bool real_time = false;
  /// Longest time to wait for the next picture, the first included. 0: no limit.
  Clock::duration timeout = std::chrono::seconds(10);
  std::int64_t max_pixels = 64'000'000;  ///< of a picture; a larger one is Error{limit_exceeded}
};

/// Throws Error{invalid_argument} if an option is out of range.
void validate(const VideoSourceOptions& options);

/// What is known of a video.
struct VideoInfo {
  int width = 0;  ///< of its pictures, upright and with square pixels
  int height = 0;
  double fps = 0;  ///< its nominal rate; 0: variable or unknown
  std::optional<std::chrono::microseconds> duration{};  ///< empty: live, or unknown
  bool is_live = false;
  std::string codec;  ///< a description, for instance "H.264 (High Profile)"; empty: none
};

/// Counts of pictures, consistent at any moment: decoded = read + skipped + dropped + waiting.
struct VideoSourceCounters {
  std::uint64_t decoded = 0;
  std::uint64_t read = 0;     ///< that read() returned
  std::uint64_t skipped = 0;  ///< by max_fps, or outside of start and end
  std::uint64_t dropped = 0;  ///< replaced by a newer one, in real time
  std::uint64_t waiting = 0;
  std::uint64_t corrupt = 0;  ///< parts that the decoder could not read and passed over
};

/// Pictures of a video: of a file, of "http(s)://" or "rtsp(s)://", of a camera ("camera:0" or
/// "/dev/video0"), of a test pattern ("test:" or "test:WIDTHxHEIGHT@FPS"). Thread-safety: one
/// thread at a time; stop() and counters() at any.
class VideoSource {
 public:
  /// Opens it, and waits for its first picture. Throws Error{not_found} if there is no such file,
  /// device or host, Error{unavailable} if this build has no video or the machine no decoder (the
  /// message names the package to install), Error{unsupported} if it holds no video,
  /// Error{corrupt_data, limit_exceeded, io}, Error{io} after the timeout, and as
  /// validate(options). No message holds the password of a URI.
  explicit VideoSource(std::string_view uri, const VideoSourceOptions& options = {});
  ~VideoSource();
  VideoSource(const VideoSource&) = delete;
  VideoSource& operator=(const VideoSource&) = delete;

  /// Waits for the next picture. Returns nothing at the end of the video and after stop(). Throws
  /// Error{corrupt_data, io, ...} if the video breaks off; read() then throws it again.
  std::optional<VideoFrame> read();
  /// Ends a read() that waits, and all that follow.
  void stop() noexcept;

  const VideoInfo& info() const;
  VideoSourceCounters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Returns the URI with the password replaced by "***", for messages and logs.
std::string without_password(std::string_view uri);

}  // namespace depthcloud
