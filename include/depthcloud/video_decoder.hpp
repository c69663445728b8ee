// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <depthcloud/error.hpp>
#include <depthcloud/video_frame.hpp>

namespace depthcloud {

enum class VideoCodec {
  h264,  ///< access units in the byte stream format (Annex B), with their parameter sets
  vp8,
  vp9,
  av1,  ///< temporal units of low-overhead OBUs
};

/// Returns "h264", "vp8", "vp9" or "av1".
const char* to_string(VideoCodec codec) noexcept;

/// Returns the codec of a codec string of WebCodecs or of a `codecs` parameter (RFC 6381), for
/// instance "avc1.42E01F", "vp8", "vp09.00.10.08", "av01.0.04M.08". Throws Error{unsupported} if it
/// names none of VideoCodec.
VideoCodec parse_codec_string(std::string_view codec);

struct VideoDecoderOptions {
  std::int64_t max_pixels = 32'000'000;  ///< of a picture; a larger one is Error{limit_exceeded}
  std::size_t max_unit_bytes = std::size_t{16} << 20;  ///< of an access unit
  /// Largest number of units that wait for the decoder. One more drops all that wait, and those
  /// that follow up to the next key frame.
  std::size_t max_waiting = 30;
  /// Longest time for which units are dropped because no key frame comes, before this is an
  /// Error{corrupt_data}.
  Clock::duration max_keyless = std::chrono::seconds(10);
};

/// A picture in coded form.
struct AccessUnit {
  std::span<const std::uint8_t> data;  ///< borrowed during the call
  bool is_key = false;                 ///< it can be decoded without those before
  std::chrono::microseconds time{};    ///< presentation time
  Clock::time_point captured = Clock::now();
};

/// Counts of access units and pictures, consistent at any moment:
/// units = decoded + failed + dropped + waiting.
struct VideoDecoderCounters {
  std::uint64_t units = 0;     ///< pushed
  std::uint64_t decoded = 0;   ///< units that gave a picture
  std::uint64_t failed = 0;    ///< units that the decoder could not read
  std::uint64_t dropped = 0;   ///< never decoded: no key frame before, or too many waited
  std::uint64_t waiting = 0;   ///< pushed and not decoded yet
  std::uint64_t replaced = 0;  ///< pictures that a newer one replaced before they were converted
};

/// Receive what becomes of the units, on threads of the decoder, one call at a time. They must not
/// throw (what they throw is logged) and must not destroy the decoder.
struct VideoDecoderCallbacks {
  std::function<void(VideoFrame&&)> picture;  ///< the newest picture. Required.
  /// The decoder lost track and drops units until a key frame: ask the sender for one. Called once
  /// for each loss.
  std::function<void()> key_frame_needed{};
  /// A unit that cannot be decoded, a picture above the limit. The next key frame recovers.
  std::function<void(const Error&)> failed{};
};

/// Decodes a live video, one access unit after the other, with as little delay as the codec allows.
/// Every unit is decoded; while `picture` runs, only the newest picture waits. Thread-safety: one
/// thread at a time, counters() apart.
class VideoDecoder {
 public:
  /// Throws Error{unavailable} if this build has no video or the machine no decoder of the codec
  /// (the message names the package to install), Error{invalid_argument} if an option is out of
  /// range or `picture` is empty.
  VideoDecoder(VideoCodec codec, VideoDecoderCallbacks callbacks,
               const VideoDecoderOptions& options = {});
  /// Ends decoding and waits for a callback that runs.
  ~VideoDecoder();
  VideoDecoder(const VideoDecoder&) = delete;
  VideoDecoder& operator=(const VideoDecoder&) = delete;

  /// Takes one access unit, copied. Never waits for the decoder. What is wrong with its bytes goes
  /// to `failed`. The size of the picture may change with a key frame. Throws Error{limit_exceeded}
  /// for a unit of more than max_unit_bytes, Error{corrupt_data} for an empty one.
  void push(const AccessUnit& unit);

  VideoDecoderCounters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
