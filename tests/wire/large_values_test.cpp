// SPDX-License-Identifier: Apache-2.0
#include "wire/large_values.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "simd_targets.hpp"

TEST_SUITE("wire") {
  TEST_CASE("large_values: all of them in order, whatever their share") {
    on_every_simd_target(depthcloud::large_values_targets(), [] {
      std::mt19937 random(8);
      for (std::size_t length = 0; length <= 2 * 32 + 3; ++length) {
        for (std::size_t offset = 0; offset < 4; ++offset) {
          std::vector<std::uint16_t> values(offset + length);
          const unsigned range = length % 2 == 0 ? 6 : 65536;
          for (auto& value : values) value = static_cast<std::uint16_t>(random() % range);
          for (const std::uint16_t least : {0, 1, 3, 6, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF}) {
            CAPTURE(length);
            CAPTURE(offset);
            CAPTURE(least);
            std::vector<std::uint16_t> expected;
            std::copy_if(values.begin() + static_cast<std::ptrdiff_t>(offset), values.end(),
                         std::back_inserter(expected), [=](auto value) { return value >= least; });
            const auto large = depthcloud::large_values({values.data() + offset, length}, least);
            REQUIRE(std::equal(large.begin(), large.end(), expected.begin(), expected.end()));
          }
        }
      }
    });
  }
}
