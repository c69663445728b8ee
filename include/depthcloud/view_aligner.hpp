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
void validate(const AlignOptions& options);

/// Puts frames of several cameras together that were made at about the same time. A camera takes
/// part while its newest frame is no older than the window before the newest of all; a set is
/// complete once each of these has a frame that no earlier set held, and consists of the first
/// frame of each at or after the moment that all of them have reached. So no two views of a set are
/// farther apart than the window, a camera that stops holds the others up for no longer than that,
/// and the slowest camera that takes part sets the pace.
/// Thread-safety: one thread at a time.
template <typename T>
class ViewAligner {
 public:
  using Camera = std::uint64_t;
  struct View {
    Camera camera = 0;
    Clock::time_point time{};
    T frame;
  };

  explicit ViewAligner(const AlignOptions& options = {}) : options_(options) { validate(options); }

  /// Adds a frame and returns the set that it completes, in the order of the cameras' numbers. A
  /// frame that is older than its camera's last one, or not newer than the last set, is dropped.
  std::optional<std::vector<View>> add(Camera camera, Clock::time_point time, T frame) {
    Queue& queue = cameras_[camera];
    if (time <= last_set_ || (!queue.empty() && time < queue.back().time)) return std::nullopt;
    queue.push_back({camera, time, std::move(frame)});
    if (queue.size() > options_.buffer_size) queue.pop_front();
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
  using Queue = std::deque<View>;

  std::optional<std::vector<View>> next_set() {
    const std::optional<Clock::time_point> start = start_of_next_set();
    if (!start) return std::nullopt;
    std::vector<View> set;
    for (auto& [camera, queue] : cameras_) {
      while (!queue.empty() && queue.front().time < *start) queue.pop_front();
      if (queue.empty()) continue;
      last_used_[camera] = queue.front().time;
      set.push_back(std::move(queue.front()));
      queue.pop_front();
    }
    last_set_ = *start;
    return set;
  }

  /// The moment that all cameras that take part have reached; nothing while one of them is waited
  /// for because its frames are used up.
  std::optional<Clock::time_point> start_of_next_set() const {
    Clock::time_point newest = Clock::time_point::min();
    for (const auto& [camera, queue] : cameras_) {
      if (!queue.empty()) newest = std::max(newest, queue.back().time);
    }
    Clock::time_point start = newest;
    for (const auto& [camera, queue] : cameras_) {
      const auto used = last_used_.find(camera);
      if (!queue.empty()) {
        if (in_window(queue.back().time, newest)) start = std::min(start, queue.back().time);
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
  std::map<Camera, Queue> cameras_;
  std::map<Camera, Clock::time_point> last_used_;  // of the frame in the camera's last set
  Clock::time_point last_set_ = Clock::time_point::min();
};

}  // namespace depthcloud
