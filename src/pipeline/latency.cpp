// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <mutex>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/latency.hpp>

namespace depthcloud {
namespace {

void validate(const StageTimes& times) {
  for (const Stage stage : timed_stages) {
    const double ms = times[stage];
    if (!std::isfinite(ms) || ms < 0) {
      throw Error(
          ErrorCode::invalid_argument, Stage::control,
          fmt::format("{} took {} ms, must be finite and not negative", to_string(stage), ms));
    }
  }
}

/// The smallest value that at least `percent` of the values do not exceed.
double nearest_rank(const std::vector<double>& sorted, double percent) {
  const auto rank =
      static_cast<std::size_t>(std::ceil(percent / 100.0 * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

struct LatencyRecorder::Impl {
  explicit Impl(std::size_t frames) : window(frames) {}

  const std::size_t window;
  mutable std::mutex mutex{};
  std::vector<StageTimes> last{};  // a ring once it holds `window` frames
  std::uint64_t count = 0;

  template <typename Value>
  LatencySummary summarize(Value value) const {
    std::vector<double> sorted;
    LatencySummary summary;
    {
      const std::lock_guard lock(mutex);
      sorted.reserve(last.size());
      for (const StageTimes& times : last) sorted.push_back(value(times));
      summary.count = count;
    }
    if (sorted.empty()) return summary;
    std::sort(sorted.begin(), sorted.end());
    summary.p50 = nearest_rank(sorted, 50);
    summary.p95 = nearest_rank(sorted, 95);
    summary.p99 = nearest_rank(sorted, 99);
    summary.max = sorted.back();
    return summary;
  }
};

LatencyRecorder::LatencyRecorder(std::size_t window) {
  if (window == 0) {
    throw Error(ErrorCode::invalid_argument, Stage::control,
                "the latency window is 0 frames, must be at least 1");
  }
  impl_ = std::make_unique<Impl>(window);
}

LatencyRecorder::~LatencyRecorder() = default;

void LatencyRecorder::record(const StageTimes& times) {
  validate(times);
  const std::lock_guard lock(impl_->mutex);
  if (impl_->last.size() < impl_->window) {
    impl_->last.push_back(times);
  } else {
    impl_->last[impl_->count % impl_->window] = times;
  }
  ++impl_->count;
}

LatencySummary LatencyRecorder::summary(Stage stage) const {
  if (timed_stage_index(stage) == timed_stage_count) {
    throw Error(ErrorCode::invalid_argument, Stage::control,
                fmt::format("stage '{}' is not timed", to_string(stage)));
  }
  return impl_->summarize([stage](const StageTimes& times) { return times[stage]; });
}

LatencySummary LatencyRecorder::total() const {
  return impl_->summarize([](const StageTimes& times) { return times.total(); });
}

}  // namespace depthcloud
