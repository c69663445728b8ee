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
  Clock::duration window = std::chrono::milliseconds(100);  ///< longest time between two views
  std::size_t buffer_size = 4;                              ///< frames kept per camera
};

/// Throws Error{invalid_argument, stage control} if an option is out of range.
void validate(const AlignOptions& options);

/// Combines frames of several cameras, made at about the same time, to sets. A camera takes part if
/// its newest frame is at most the window older than the newest frame of all cameras. A set is
/// complete when every camera that takes part has a frame that was in no earlier set. The set
/// starts at the oldest of these cameras' newest frames and contains the first frame of each camera
/// from then on. So any two views of a set are at most the window apart, a camera that stops delays
/// the others by at most the window, and the slowest camera that takes part determines the rate of
/// sets. Thread-safety: one thread at a time.
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

  /// Adds a frame made at `time`. Returns the set that it completes, in the order of the camera
  /// numbers, else nothing. Drops a frame that is older than the last one of its camera or not
  /// newer than the last set.
  std::optional<std::vector<View>> add(Camera camera, Clock::time_point time, T frame) {
    Queue& queue = cameras_[camera];
    if (time <= last_set_ || (!queue.empty() && time < queue.back().time)) return std::nullopt;
    queue.push_back({camera, time, std::move(frame)});
    if (queue.size() > options_.buffer_size) queue.pop_front();
    return next_set();
  }

  /// Forgets a camera and drops its frames.
  void remove(Camera camera) {
    cameras_.erase(camera);
    last_used_.erase(camera);
  }

  /// Returns the number of waiting frames of a camera.
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

  /// Returns the time that all cameras that take part have reached; nothing while one of them has
  /// no unused frame.
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
