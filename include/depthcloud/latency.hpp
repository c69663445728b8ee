// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <depthcloud/stage.hpp>

namespace depthcloud {

/// Percentiles of one stage over the window, in milliseconds; `count` is the number of frames since
/// the start.
struct LatencySummary {
  std::uint64_t count = 0;
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  double max = 0;
};

/// Computes exact percentiles (nearest rank) over the last `window` frames, in fixed memory.
/// Thread-safe.
class LatencyRecorder {
 public:
  /// Throws Error{invalid_argument} if `window` is 0.
  explicit LatencyRecorder(std::size_t window = 1024);
  ~LatencyRecorder();
  LatencyRecorder(const LatencyRecorder&) = delete;
  LatencyRecorder& operator=(const LatencyRecorder&) = delete;

  /// Adds the times of one frame, in milliseconds. Throws Error{invalid_argument} if a time is
  /// negative or not finite.
  void record(const StageTimes& times);

  /// Returns the percentiles of a timed stage. Throws Error{invalid_argument} if it is not timed.
  LatencySummary summary(Stage stage) const;
  /// Returns the percentiles of the sum of all stages of a frame.
  LatencySummary total() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
