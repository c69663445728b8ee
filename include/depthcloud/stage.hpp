// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

namespace depthcloud {

/// The stages of a frame, in order (decode to pack); then the places of errors outside them.
enum class Stage { decode, preprocess, infer, cloud, pack, load, file, control };

/// The number of stages of a frame, which are timed: decode to pack.
inline constexpr std::size_t timed_stage_count = 5;

/// Returns the name of a stage in lower case, as in messages, `stage_ms` keys and metrics.
const char* to_string(Stage stage) noexcept;

/// Milliseconds that one frame spent in each timed stage, by a steady clock.
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
