// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#define GST_USE_UNSTABLE_API  // as the headers of WebRTC ask for
#include <gst/webrtc/webrtc.h>

#include "video/gstreamer/gstreamer.hpp"
#include "video/message_chunks.hpp"

namespace depthcloud {

/// Sends messages over a data channel of webrtcbin, the newest first: of those that wait, only the
/// last. Thread-safe.
class MessageChannel {
 public:
  /// `max_queued`: most bytes that are handed to the data channel and have not left it.
  explicit MessageChannel(std::size_t max_queued) : max_queued_(max_queued) {}

  /// The data channel to use from now on.
  void open(GstWebRTCDataChannel* channel);
  bool is_open() const;

  /// Takes the place of the message that waits.
  void put(std::shared_ptr<const std::vector<std::uint8_t>> message);
  /// Hands chunks to the data channel, as many as it may hold. To be called after put() and now
  /// and then.
  void pump();
  /// A message waits, or is on its way in part.
  bool is_busy() const;

  std::uint64_t sent() const;
  std::uint64_t replaced() const;

 private:
  bool has_room() const;

  const std::size_t max_queued_;
  mutable std::mutex mutex_;  // of all below
  GstPtr<GstWebRTCDataChannel> channel_;
  std::shared_ptr<const std::vector<std::uint8_t>> waiting_;
  std::optional<MessageChunks> current_;
  std::uint32_t numbers_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t replaced_ = 0;
};

}  // namespace depthcloud
