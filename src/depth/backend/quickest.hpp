// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace depthcloud {

/// Which of `count` candidates does a piece of work in the least time, measured in at most about
/// `budget_ms` milliseconds in all. `run(candidate, divisor)` does a `divisor`-th part of the work
/// (8, 4, 2, then 1: all of it) and returns the milliseconds it took. Each part is done twice,
/// since the first time sets things up; where the budget does not reach the whole, the largest part
/// that all candidates did decides.
std::size_t quickest(std::size_t count, double budget_ms,
                     const std::function<double(std::size_t candidate, int divisor)>& run);

}  // namespace depthcloud
