// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace cli {

/// Runs `work`; how many milliseconds it took.
template <typename Work>
double timed(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

}  // namespace cli
