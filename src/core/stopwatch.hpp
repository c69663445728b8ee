// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace depthcloud {

/// Adds the milliseconds of its own life to one stage.
class Stopwatch {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Stopwatch(double& milliseconds) : milliseconds_(milliseconds) {}
  ~Stopwatch() {
    milliseconds_ += std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double& milliseconds_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace depthcloud
