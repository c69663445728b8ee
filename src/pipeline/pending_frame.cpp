// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pending_frame.hpp"

#include <utility>

namespace depthcloud {

// Not std::call_once: with libstdc++ a callable that throws can leave other callers waiting for
// ever where the once flag is built on pthread_once.
void PendingFrame::decode_ahead(const FrameDecoder& decoder) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::encoded) return;
    state_ = State::decoding;
  }
  std::optional<DecodedFrame> decoded;
  std::exception_ptr failure;
  try {
    decoded = decoder.decode(encoded_);
  } catch (...) {
    failure = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    decoded_ = std::move(decoded);
    failure_ = std::move(failure);
    state_ = State::done;
  }
  done_.notify_all();
}

DecodedFrame PendingFrame::decoded(const FrameDecoder& decoder) {
  decode_ahead(decoder);
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return state_ == State::done; });
  if (failure_) std::rethrow_exception(failure_);
  return std::move(*decoded_);
}

}  // namespace depthcloud
