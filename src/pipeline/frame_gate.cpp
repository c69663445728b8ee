// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <depthcloud/frame_gate.hpp>

namespace depthcloud {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::control, message);
}

}  // namespace

void validate(const GateOptions& options) {
  if (options.policy != GatePolicy::latest_wins && options.policy != GatePolicy::skip_while_busy) {
    fail(fmt::format("gate policy {} does not exist", static_cast<int>(options.policy)));
  }
  if (options.max_in_flight < 1) {
    fail(fmt::format("max_in_flight is {}, must be at least 1", options.max_in_flight));
  }
  if (!std::isfinite(options.max_fps) || options.max_fps < 0) {
    fail(fmt::format("max_fps is {}, must be finite and not negative", options.max_fps));
  }
  if (options.max_age < Clock::duration::zero()) {
    fail(fmt::format("max_age is {} s, must not be negative",
                     std::chrono::duration<double>(options.max_age).count()));
  }
  if (!options.now) fail("the gate has no clock: GateOptions::now is empty");
}

Clock::duration detail::frame_period(double max_fps) {
  if (max_fps == 0) return Clock::duration::zero();
  constexpr double longest_s = 1e9;  // beyond it the count of nanoseconds would overflow
  return std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(std::min(1 / max_fps, longest_s)));
}

}  // namespace depthcloud
