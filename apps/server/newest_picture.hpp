// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <utility>

#include <depthcloud/video_frame.hpp>

namespace server {

/// Hands pictures from a video's thread to the server's: a newer one takes the place of one that
/// was not taken yet, so none queue up. Thread-safe.
class NewestPicture {
 public:
  /// Calls tell() if the place was empty: the server's thread has to take the picture then. If that
  /// throws, the picture is dropped.
  template <typename Tell>
  void put(depthcloud::VideoFrame&& picture, Tell&& tell) {
    if (exchange(std::move(picture))) return;
    try {
      tell();
    } catch (...) {
      take();
      throw;
    }
  }

  std::optional<depthcloud::VideoFrame> take() { return exchange(std::nullopt); }

 private:
  std::optional<depthcloud::VideoFrame> exchange(std::optional<depthcloud::VideoFrame> picture) {
    const std::lock_guard lock(mutex_);
    picture.swap(picture_);
    return picture;
  }

  std::mutex mutex_;
  std::optional<depthcloud::VideoFrame> picture_;
};

}  // namespace server
