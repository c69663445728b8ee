// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pending_frame.hpp"

#include "core/log.hpp"
#include "core/stopwatch.hpp"

namespace depthcloud {

// Not std::call_once: with libstdc++ a callable that throws can leave other callers waiting for
// ever where the once flag is built on pthread_once.
void PendingFrame::decode_ahead(const FrameDecoder& decoder) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::waiting) return;
    state_ = State::decoding;
  }
  std::optional<DecodedFrame> decoded;
  std::exception_ptr failure;
  try {
    decoded = decode(decoder);
  } catch (...) {
    failure = std::current_exception();
  }
  give_back();
  {
    const std::lock_guard lock(mutex_);
    decoded_ = std::move(decoded);
    failure_ = std::move(failure);
    state_ = State::done;
  }
  done_.notify_all();
}

DecodedFrame PendingFrame::decode(const FrameDecoder& decoder) const {
  const auto* lent = std::get_if<RawImage>(&source_);
  if (lent == nullptr) return decoder.decode(std::get<std::vector<std::uint8_t>>(source_));
  DecodedFrame decoded;
  {
    const Stopwatch watch(decoded.decode_ms);
    decoded.image = to_image(*lent);
  }
  return decoded;
}

void PendingFrame::give_back() noexcept {
  if (!release_) return;
  try {
    std::exchange(release_, nullptr)();
  } catch (...) {
    log(LogLevel::warning, "the callback that releases a frame threw");
  }
}

DecodedFrame PendingFrame::decoded(const FrameDecoder& decoder) {
  decode_ahead(decoder);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return state_ == State::done; });
  if (failure_) std::rethrow_exception(failure_);
  return std::move(*decoded_);
}

std::unique_ptr<PendingFrame> make_pending(const RawFrame& frame) {
  validate(frame.image);
  if (frame.release) return std::make_unique<PendingFrame>(frame.image);
  DecodedFrame copied;
  {
    const Stopwatch watch(copied.decode_ms);
    copied.image = to_image(frame.image);
  }
  return std::make_unique<PendingFrame>(std::move(copied));
}

}  // namespace depthcloud
