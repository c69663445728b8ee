// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

namespace depthcloud {

/// The stages of a frame (decode to pack, and metric), and the places of errors outside them. The C
/// API has the same numbers.
enum class Stage { decode, preprocess, infer, cloud, pack, load, file, control, metric };

/// The stages of a frame, which are timed, in the order in which they run. `metric` is the network
/// of EstimatorOptions::metric_model with what it takes to scale depth by it; 0 without.
inline constexpr std::array timed_stages{Stage::decode, Stage::preprocess, Stage::infer,
                                         Stage::metric, Stage::cloud,      Stage::pack};
inline constexpr std::size_t timed_stage_count = timed_stages.size();

/// Returns the place of a stage in `timed_stages`; `timed_stage_count` if it is not timed.
constexpr std::size_t timed_stage_index(Stage stage) noexcept {
  std::size_t i = 0;
  while (i < timed_stage_count && timed_stages[i] != stage) ++i;
  return i;
}

/// Returns the name of a stage in lower case, as in messages, `stage_ms` keys and metrics.
const char* to_string(Stage stage) noexcept;

/// Milliseconds that one frame spent in each timed stage, by a steady clock. Only timed stages have
/// one.
class StageTimes {
 public:
  double operator[](Stage stage) const { return ms_[place(stage)]; }
  double& operator[](Stage stage) { return ms_[place(stage)]; }
  double total() const {
    double sum = 0;
    for (double ms : ms_) sum += ms;
    return sum;
  }
  bool operator==(const StageTimes&) const = default;

 private:
  /// Within the array whatever the stage is.
  static constexpr std::size_t place(Stage stage) noexcept {
    const std::size_t index = timed_stage_index(stage);
    return index < timed_stage_count ? index : timed_stage_count - 1;
  }

  std::array<double, timed_stage_count> ms_{};
};

}  // namespace depthcloud
