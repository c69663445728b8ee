// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/message_channel.hpp"

#include <utility>

namespace depthcloud {

void MessageChannel::open(GstWebRTCDataChannel* channel) {
  const std::lock_guard lock(mutex_);
  channel_.reset(GST_WEBRTC_DATA_CHANNEL(g_object_ref(channel)));
  current_.reset();
}

bool MessageChannel::is_open() const {
  const std::lock_guard lock(mutex_);
  return channel_ != nullptr;
}

void MessageChannel::put(std::shared_ptr<const std::vector<std::uint8_t>> message) {
  const std::lock_guard lock(mutex_);
  if (channel_ == nullptr) return;
  if (waiting_ != nullptr) ++replaced_;
  waiting_ = std::move(message);
}

bool MessageChannel::has_room() const {
  guint64 buffered = 0;
  g_object_get(channel_.get(), "buffered-amount", &buffered, nullptr);
  return buffered < max_queued_;
}

void MessageChannel::pump() {
  const std::lock_guard lock(mutex_);
  while (channel_ != nullptr && (current_ || waiting_ != nullptr) && has_room()) {
    if (!current_) current_.emplace(std::exchange(waiting_, nullptr), numbers_++);
    const std::vector<std::uint8_t> chunk = current_->next();
    GBytes* const bytes = g_bytes_new(chunk.data(), chunk.size());
    const gboolean is_taken =
        gst_webrtc_data_channel_send_data_full(channel_.get(), bytes, nullptr);
    g_bytes_unref(bytes);
    if (is_taken == FALSE) channel_.reset();  // it is closed
    if (current_->is_done()) {
      current_.reset();
      ++sent_;
    }
  }
  if (channel_ != nullptr) return;
  current_.reset();
  waiting_ = nullptr;
}

bool MessageChannel::is_busy() const {
  const std::lock_guard lock(mutex_);
  return current_ || waiting_ != nullptr;
}

std::uint64_t MessageChannel::sent() const {
  const std::lock_guard lock(mutex_);
  return sent_;
}

std::uint64_t MessageChannel::replaced() const {
  const std::lock_guard lock(mutex_);
  return replaced_;
}

}  // namespace depthcloud
