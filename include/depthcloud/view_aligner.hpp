// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <depthcloud/frame_gate.hpp>

namespace depthcloud {

struct AlignOptions {
  Clock::duration window = std::chrono::milliseconds(100);  ///< between any two views of a set
  std::size_t buffer_size = 4;                              ///< frames of a camera that are kept
};

/// Throws Error{invalid_argument, stage control} for an option out of its range.
void check(const AlignOptions& options);

/// Puts frames of several cameras together that were made at about the same time. A camera takes
/// part while its newest frame is no older than the window before the newest of all; a set is
/// complete once each of these has a frame that no earlier set held, and consists of the first
/// frame of each at or after the moment that all of them have reached. So no two views of a set are
/// farther apart than the window, a camera that stops holds the others up for no longer than that,
/// and the slowest camera that takes part sets the pace.
/// Thread-safety: one thread at a time.
template <typename Frame>
class ViewAligner {
 public:
  using Camera = std::uint64_t;
  struct View {
    Camera camera = 0;
    Clock::time_point time{};
    Frame frame;
  };

  explicit ViewAligner(const AlignOptions& options = {}) : options_(options) { check(options); }

  /// Adds a frame and returns the set that it completes, in the order of the cameras' numbers. A
  /// frame that is older than its camera's last one, or not newer than the last set, is dropped.
  std::optional<std::vector<View>> add(Camera camera, Clock::time_point time, Frame frame) {
    Buffer& buffer = cameras_[camera];
    if (time <= last_set_ || (!buffer.empty() && time < buffer.back().time)) return std::nullopt;
    buffer.push_back({camera, time, std::move(frame)});
    if (buffer.size() > options_.buffer_size) buffer.pop_front();
    return next_set();
  }

  void remove(Camera camera) {
    cameras_.erase(camera);
    last_used_.erase(camera);
  }

  /// How many frames of this camera wait.
  std::size_t waiting(Camera camera) const {
    const auto found = cameras_.find(camera);
    return found == cameras_.end() ? 0 : found->second.size();
  }

 private:
  using Buffer = std::deque<View>;

  std::optional<std::vector<View>> next_set() {
    const std::optional<Clock::time_point> start = start_of_next_set();
    if (!start) return std::nullopt;
    std::vector<View> set;
    for (auto& [camera, buffer] : cameras_) {
      while (!buffer.empty() && buffer.front().time < *start) buffer.pop_front();
      if (buffer.empty()) continue;
      last_used_[camera] = buffer.front().time;
      set.push_back(std::move(buffer.front()));
      buffer.pop_front();
    }
    last_set_ = *start;
    return set;
  }

  /// The moment that all cameras that take part have reached; nothing while one of them is waited
  /// for because its frames are used up.
  std::optional<Clock::time_point> start_of_next_set() const {
    Clock::time_point newest = Clock::time_point::min();
    for (const auto& [camera, buffer] : cameras_) {
      if (!buffer.empty()) newest = std::max(newest, buffer.back().time);
    }
    Clock::time_point start = newest;
    for (const auto& [camera, buffer] : cameras_) {
      const auto used = last_used_.find(camera);
      if (!buffer.empty()) {
        if (in_window(buffer.back().time, newest)) start = std::min(start, buffer.back().time);
      } else if (used != last_used_.end() && in_window(used->second, newest)) {
        return std::nullopt;
      }
    }
    return start;
  }

  bool in_window(Clock::time_point time, Clock::time_point newest) const {
    return newest - time <= options_.window;
  }

  AlignOptions options_;
  std::map<Camera, Buffer> cameras_;
  std::map<Camera, Clock::time_point> last_used_;  // of the frame in the camera's last set
  Clock::time_point last_set_ = Clock::time_point::min();
};

}  // namespace depthcloud
