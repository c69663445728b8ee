// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <depthcloud/frame.hpp>
#include <depthcloud/raw_frame.hpp>

namespace depthcloud {

/// An encoded or a lent frame that is decoded or copied once, by whichever thread comes first; or a
/// frame that is decoded already. Thread-safety: share freely, after lend().
class PendingFrame {
 public:
  explicit PendingFrame(std::vector<std::uint8_t> encoded) : source_(std::move(encoded)) {}
  explicit PendingFrame(const RawImage& lent) : source_(lent) {}
  explicit PendingFrame(DecodedFrame decoded) : state_(State::done), decoded_(std::move(decoded)) {}
  /// Gives a lent frame back that was never read.
  ~PendingFrame() { give_back(); }
  PendingFrame(const PendingFrame&) = delete;
  PendingFrame& operator=(const PendingFrame&) = delete;

  /// From now on `release` is called, once, when the lent pixels have been read or never will be.
  void lend(std::function<void()> release) noexcept { release_ = std::move(release); }

  /// Decodes unless another thread has begun to. What decode() throws is kept for decoded().
  void decode_ahead(const FrameDecoder& decoder) noexcept;

  /// The pixels, handed over: decodes, or waits for the thread that does. Throws what decode()
  /// threw. To be called once.
  DecodedFrame decoded(const FrameDecoder& decoder);

 private:
  enum class State { waiting, decoding, done };

  DecodedFrame decode(const FrameDecoder& decoder) const;
  void give_back() noexcept;

  // Touched only by the thread that moved to `decoding`, and by the destructor:
  std::variant<std::vector<std::uint8_t>, RawImage> source_;
  std::function<void()> release_;

  std::mutex mutex_;
  std::condition_variable done_;
  State state_ = State::waiting;
  std::optional<DecodedFrame> decoded_;
  std::exception_ptr failure_;
};

/// The frame of valid pixels: those that are to be copied are, those that are lent are not yet
/// (lend() remains to be called). Throws as to_image().
std::unique_ptr<PendingFrame> make_pending(const RawFrame& frame);

}  // namespace depthcloud
