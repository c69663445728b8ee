// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <vector>

#include <depthcloud/frame.hpp>

namespace depthcloud {

/// An encoded frame that is decoded once, by whichever thread comes first. Thread-safety: share
/// freely.
class PendingFrame {
 public:
  explicit PendingFrame(std::vector<std::uint8_t> encoded) : encoded_(std::move(encoded)) {}

  /// Decodes unless another thread has begun to. What decode() throws is kept for decoded().
  void decode_ahead(const FrameDecoder& decoder) noexcept;

  /// The pixels, handed over: decodes, or waits for the thread that does. Throws what decode()
  /// threw. To be called once.
  DecodedFrame decoded(const FrameDecoder& decoder);

 private:
  enum class State { encoded, decoding, done };

  std::vector<std::uint8_t> encoded_;  // touched only by the thread that moved to `decoding`
  std::mutex mutex_;
  std::condition_variable done_;
  State state_ = State::encoded;
  std::optional<DecodedFrame> decoded_;
  std::exception_ptr failure_;
};

}  // namespace depthcloud
