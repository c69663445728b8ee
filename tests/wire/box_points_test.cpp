// SPDX-License-Identifier: Apache-2.0
#include "wire/box_points.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include <doctest/doctest.h>

#include "expect_error.hpp"
#include "simd_targets.hpp"
#include "special_floats.hpp"

using depthcloud::PointBox;
using depthcloud::SignMasks;

namespace {

constexpr std::uint32_t flip = 0x80000000u;
constexpr SignMasks sign_masks[] = {{0, 0, 0}, {flip, flip, 0}, {flip, flip, flip}};
constexpr std::size_t longest = 2 * 3 * 16 + 9;  // twice three vectors of 512 bits and three points

PointBox plain_box(std::span<const float> xyz, const SignMasks& signs) {
  double low[3] = {INFINITY, INFINITY, INFINITY};
  double extent = 0, magnitude = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    double high = -INFINITY;
    for (std::size_t i = k; i < xyz.size(); i += 3) {
      const double x = signs[k] != 0 ? -double{xyz[i]} : double{xyz[i]};
      low[k] = std::min(low[k], x);
      high = std::max(high, x);
      magnitude = std::max(magnitude, std::fabs(x));
    }
    extent = std::max(extent, high - low[k]);
  }
  const double least = std::max({extent / 65534, magnitude / (1 << 22), 0x1p-100});
  PointBox box;
  box.scale = 1 / double{static_cast<float>(1 / least)};
  for (std::size_t k = 0; k < 3; ++k) {
    box.origin[k] = std::floor(low[k] / box.scale) * box.scale + 0.0;
  }
  return box;
}

/// By the definition: one rounding, half to even, of a product and a sum.
std::uint16_t plain_step(float x, const PointBox& box, std::size_t axis, const SignMasks& signs) {
  const auto per_unit = static_cast<float>(1 / box.scale);
  const auto offset = static_cast<float>((1 << 23) - std::nearbyint(box.origin[axis] / box.scale));
  const float step = std::fma(x, signs[axis] != 0 ? -per_unit : per_unit, offset);
  return static_cast<std::uint16_t>(static_cast<std::uint32_t>(step) - (1u << 23));
}

/// A finite cloud: ordinary numbers, zeros of both signs, denormals.
std::vector<float> points(std::size_t length, float size, std::mt19937& random) {
  std::vector<float> xyz = mixed_floats(length, random);
  for (float& x : xyz) {
    x = std::isfinite(x) && std::fabs(x) <= 1 ? x * size : 0.0f;
  }
  return xyz;
}

void check_cloud(std::span<const float> xyz) {
  for (const SignMasks& signs : sign_masks) {
    const PointBox expected = plain_box(xyz, signs);
    const PointBox box = depthcloud::point_box(xyz, signs);
    REQUIRE(box.scale == expected.scale);
    for (std::size_t k = 0; k < 3; ++k) REQUIRE(same_value(box.origin[k], expected.origin[k]));
    std::vector<std::uint16_t> steps(xyz.size());
    depthcloud::to_box(xyz, signs, box, steps.data());
    for (std::size_t i = 0; i < xyz.size(); ++i) {
      CAPTURE(i);
      REQUIRE(steps[i] == plain_step(xyz[i], box, i % 3, signs));
    }
  }
}

}  // namespace

TEST_SUITE("wire") {
  TEST_CASE("box_points: every target has the bits of the definition") {
    on_every_simd_target(depthcloud::box_points_targets(), [] {
      std::mt19937 random(10);
      for (std::size_t length = 3; length <= longest; length += 3) {
        for (std::size_t offset = 0; offset < 4; ++offset) {
          for (const float size : {1.0f, 1e-40f, 1e-20f, 300.0f, 1.7e38f}) {
            CAPTURE(length);
            CAPTURE(offset);
            CAPTURE(size);
            const auto xyz = points(offset + length, size, random);
            check_cloud(std::span(xyz).subspan(offset));
          }
        }
      }
    });
  }

  TEST_CASE("box_points: coordinates a hair from the middle between two steps") {
    on_every_simd_target(depthcloud::box_points_targets(), [] {
      for (int i = 0; i < 300; ++i) {
        const float extent = 0.7f + 0.013f * static_cast<float>(i);
        std::vector<float> xyz{0, 0, 0, extent, 0, 0};
        const double scale = plain_box(xyz, {}).scale;
        for (int step = 0; step < 10; ++step) {  // the first: there floats are densest
          const auto middle = static_cast<float>((step + 0.5) * scale);
          xyz.insert(xyz.end(),
                     {std::nextafter(middle, 0.0f), middle, std::nextafter(middle, 1e9f)});
        }
        CAPTURE(extent);
        check_cloud(xyz);
      }
    });
  }

  TEST_CASE("box_points: of zeros of both signs the corner is 0") {
    on_every_simd_target(depthcloud::box_points_targets(), [] {
      for (std::size_t negative = 0; negative < longest; ++negative) {
        for (const float rest : {0.0f, 1.0f}) {
          std::vector<float> xyz(longest, rest);
          xyz[negative] = -0.0f;
          xyz[(negative + 3) % longest] = 0.0f;
          check_cloud(xyz);
        }
      }
    });
  }

  TEST_CASE("box_points: a coordinate that is not finite is refused, wherever it stands") {
    using Limits = std::numeric_limits<float>;
    on_every_simd_target(depthcloud::box_points_targets(), [] {
      for (const float bad :
           {Limits::quiet_NaN(), -Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
        for (std::size_t i = 0; i < longest; ++i) {
          std::vector<float> xyz(longest, 1.0f);
          xyz[i] = bad;
          CHECK(error_of([&] {
                  depthcloud::point_box(xyz, sign_masks[i % 3]);
                }).starts_with("invalid_argument pack: q16"));
        }
      }
      CHECK(depthcloud::point_box({}, {}).scale == 1);
    });
  }
}
