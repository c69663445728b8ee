// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <depthcloud/stage.hpp>

namespace depthcloud {

/// Percentiles of one stage over the window, in milliseconds; `count` frames since the start.
struct LatencySummary {
  std::uint64_t count = 0;
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  double max = 0;
};

/// Exact percentiles (nearest rank) over the last `window` frames, in fixed memory.
/// Thread-safety: share freely.
class LatencyRecorder {
 public:
  /// Error{invalid_argument} when `window` is 0.
  explicit LatencyRecorder(std::size_t window = 1024);
  ~LatencyRecorder();
  LatencyRecorder(const LatencyRecorder&) = delete;
  LatencyRecorder& operator=(const LatencyRecorder&) = delete;

  /// Error{invalid_argument} for a time that is negative or not finite.
  void record(const StageTimes& times);

  /// Of one timed stage; Error{invalid_argument} for a stage that is not timed.
  LatencySummary summary(Stage stage) const;
  /// Of the sum of a frame's stages.
  LatencySummary total() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
