// SPDX-License-Identifier: Apache-2.0
#include "wire/log_depth.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "checksum.hpp"
#include "simd_targets.hpp"
#include "special_floats.hpp"

using depthcloud::DepthBounds;
using depthcloud::LogScale;

namespace {

bool has_depth(float z) { return std::isfinite(z) && z > 0; }

/// Depths from `near` to `far`, equally spaced as bits and so about equally in their logarithm, and
/// holes.
std::vector<float> depths(float near, float far, std::size_t count) {
  const float holes[] = {std::numeric_limits<float>::quiet_NaN(),
                         -std::numeric_limits<float>::quiet_NaN(),
                         std::numeric_limits<float>::infinity(),
                         -std::numeric_limits<float>::infinity(),
                         0.0f,
                         -0.0f,
                         -1.0f,
                         -std::numeric_limits<float>::denorm_min()};
  const std::uint64_t first = std::bit_cast<std::uint32_t>(near);
  const std::uint64_t last = std::bit_cast<std::uint32_t>(far);
  std::vector<float> result(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = static_cast<std::uint32_t>(first + (last - first) * i / (count - 1));
    result[i] = i % 7 == 5 ? holes[i / 7 % std::size(holes)] : std::bit_cast<float>(bits);
  }
  return result;
}

/// The finest step and coarser ones; depths that begin at one, at denormals, near the largest
/// float.
struct Case {
  float near;
  float far;
  double step;
};
constexpr Case cases[] = {{1.0f, 3.3e5f, 0.00028},    {1.0f, 1.0007f, 0.00028},
                          {0.3f, 2.4f, 0.0028},       {1e-44f, 1.2e-14f, 0.1953},
                          {3.1e-39f, 4e-34f, 0.0011}, {2e8f, 2.5e38f, 0.275},
                          {1e38f, 3.3e38f, 0.00028}};

}  // namespace

TEST_SUITE("wire") {
  TEST_CASE("log_depth: bounds of what is finite and positive") {
    on_every_simd_target(depthcloud::log_depth_targets(), [] {
      std::mt19937 random(9);
      for (std::size_t length = 0; length <= 2 * 16 + 3; ++length) {
        for (std::size_t offset = 0; offset < 4; ++offset) {
          CAPTURE(length);
          CAPTURE(offset);
          const auto values = mixed_floats(offset + length, random);
          DepthBounds expected{std::numeric_limits<float>::max(), 0, 0};
          for (const float z : std::span(values).subspan(offset)) {
            if (!has_depth(z)) continue;
            expected.nearest = std::min(expected.nearest, z);
            expected.farthest = std::max(expected.farthest, z);
            ++expected.count;
          }
          const DepthBounds bounds = depthcloud::depth_bounds({values.data() + offset, length});
          CHECK(bounds.nearest == expected.nearest);
          CHECK(bounds.farthest == expected.farthest);
          CHECK(bounds.count == expected.count);
        }
      }
    });
  }

  TEST_CASE("log_depth: levels within the bound, the same on every target and processor") {
    on_every_simd_target(depthcloud::log_depth_targets(), [] {
      Checksum checksum;
      for (const auto& [near, far, step] : cases) {
        CAPTURE(near);
        CAPTURE(step);
        const auto depth = depths(near, far, 20'000);
        std::vector<std::uint16_t> levels(depth.size());
        depthcloud::to_levels(depth, {near, step}, levels.data());
        double worst = 0;
        for (std::size_t i = 0; i < depth.size(); ++i) {
          if (has_depth(depth[i])) {
            const double exact = std::log2(double{depth[i]} / near) / step;
            worst = std::max(worst, (std::fabs(levels[i] - exact) - 0.5) * step);
          } else {
            REQUIRE(levels[i] == depthcloud::no_level);
          }
        }
        CHECK(worst <= 3e-7);
        checksum.add(levels);
      }
      CHECK(checksum.value() == 0xE2B7D1ABu);
    });
  }

  TEST_CASE("log_depth: a level depends on its depth alone, wherever it stands") {
    const auto [near, far, step] = cases[3];
    const auto depth = depths(near, far, 2 * 16 + 3 + 4);
    std::vector<std::uint16_t> single(depth.size());
    for (std::size_t i = 0; i < depth.size(); ++i) {
      depthcloud::to_levels({&depth[i], 1}, {near, step}, &single[i]);
    }
    on_every_simd_target(depthcloud::log_depth_targets(), [&] {
      for (std::size_t offset = 0; offset < 4; ++offset) {
        for (std::size_t length = 0; offset + length <= depth.size(); ++length) {
          std::vector<std::uint16_t> levels(length);
          depthcloud::to_levels({depth.data() + offset, length}, {near, step}, levels.data());
          CHECK(std::equal(levels.begin(), levels.end(),
                           single.begin() + static_cast<std::ptrdiff_t>(offset)));
        }
      }
    });
  }
}
