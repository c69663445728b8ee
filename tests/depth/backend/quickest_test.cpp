// SPDX-License-Identifier: Apache-2.0
#include "depth/backend/quickest.hpp"

#include <utility>
#include <vector>

#include <doctest/doctest.h>

using depthcloud::quickest;

TEST_SUITE("depth") {
  TEST_CASE("quickest: the least time at the whole work decides, not that of a part") {
    // The second one takes long to start and is quick then.
    const auto run = [](std::size_t candidate, int divisor) {
      return candidate == 0 ? 16.0 / divisor : 5 + 4.0 / divisor;
    };
    CHECK(quickest(2, 1000, run) == 1);
    CHECK(quickest(1, 1000, run) == 0);
  }

  TEST_CASE("quickest: the first run of each part is not held against anyone") {
    std::vector<std::pair<std::size_t, int>> seen;
    const auto run = [&](std::size_t candidate, int divisor) {
      const std::pair now(candidate, divisor);
      const bool first = seen.empty() || seen.back() != now;
      seen.push_back(now);
      return candidate == 0 ? 3.0 : (first ? 10.0 : 2.0);
    };
    CHECK(quickest(2, 1000, run) == 1);
    CHECK(seen.size() == 16);
  }

  TEST_CASE("quickest: what the budget does not reach is not run") {
    int largest = 8;
    const auto run = [&](std::size_t candidate, int divisor) {
      largest = std::min(largest, divisor);
      return (candidate == 0 ? 20.0 : 30.0) / divisor;
    };
    CHECK(quickest(2, 100, run) == 0);
    CHECK(largest == 4);
    // Even without any budget something is measured.
    largest = 8;
    CHECK(quickest(2, 0, run) == 0);
    CHECK(largest == 8);
  }
}
