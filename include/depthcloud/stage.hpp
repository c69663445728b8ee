// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

namespace depthcloud {

/// The stages that a frame passes, in order; then the places where an error can happen outside
/// them.
enum class Stage { decode, preprocess, infer, cloud, pack, load, file, control };

/// How many of the stages are passed by a frame and therefore timed: decode to pack.
inline constexpr std::size_t timed_stage_count = 5;

/// The name of a stage in lower case, as it appears in messages, `stage_ms` keys and metrics.
const char* to_string(Stage stage) noexcept;

/// Milliseconds that one frame spent in each timed stage (wall clock, steady).
class StageTimes {
 public:
  double operator[](Stage stage) const { return ms_[static_cast<std::size_t>(stage)]; }
  double& operator[](Stage stage) { return ms_[static_cast<std::size_t>(stage)]; }
  double total() const {
    double sum = 0;
    for (double ms : ms_) sum += ms;
    return sum;
  }
  bool operator==(const StageTimes&) const = default;

 private:
  std::array<double, timed_stage_count> ms_{};
};

}  // namespace depthcloud
