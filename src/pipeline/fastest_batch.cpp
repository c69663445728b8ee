// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/depth_source.hpp>
#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

constexpr int most_runs = 3;       // the best of these counts: a busy machine only ever slows down
constexpr double enough_ms = 200;  // of measuring one size: slow networks are timed once
constexpr double must_pay = 0.90;  // of the time an image took in the smaller batch

/// Milliseconds an image, the best of a few runs.
double time_of_one(DepthSource& source, const ImageView& image, int batch) {
  using Clock = std::chrono::steady_clock;
  const std::vector<ImageView> images(static_cast<std::size_t>(batch), image);
  double best = std::numeric_limits<double>::infinity();
  double total = 0;
  for (int run = 0; run < most_runs && total < enough_ms; ++run) {
    StageTimes times;
    const auto start = Clock::now();
    source.estimate(images, times);
    const std::chrono::duration<double, std::milli> took = Clock::now() - start;
    total += took.count();
    best = std::min(best, took.count() / batch);
  }
  return best;
}

}  // namespace

int fastest_batch(DepthSource& source, const ImageView& image, int most) {
  if (most < 1) {
    throw Error(ErrorCode::invalid_argument, Stage::control,
                fmt::format("a batch of {} images, must be at least 1", most));
  }
  int fastest = 1;
  double best = most > 1 ? time_of_one(source, image, 1) : 0;
  for (int batch = 2; batch <= most; batch *= 2) {
    const double time = time_of_one(source, image, batch);
    if (time > must_pay * best) break;
    fastest = batch;
    best = time;
  }
  return fastest;
}

}  // namespace depthcloud
