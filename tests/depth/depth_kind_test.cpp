// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/depth_kind.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "enum_names.hpp"
#include "expect_error.hpp"

using depthcloud::DepthKind;
using depthcloud::DepthMeaning;

namespace {

const depthcloud::Intrinsics camera{10, 20, 1, 1};

std::vector<float> converted(std::vector<float> values, int width, const DepthMeaning& meaning) {
  depthcloud::convert_to_depth(values, width, meaning, camera);
  return values;
}

std::string error_with(const DepthMeaning& meaning) {
  return error_of([&] { converted({1}, 1, meaning); });
}

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("depth kinds have names") {
    check_names(depthcloud::parse_depth_kind, depthcloud::depth_kind_names(),
                {DepthKind::z, DepthKind::ray, DepthKind::inverse, DepthKind::disparity});
  }

  TEST_CASE("convert_to_depth: z stays as it is") {
    const std::vector<float> values = {1, -1, 0, HUGE_VALF};
    CHECK(converted(values, 2, {}) == values);
  }

  TEST_CASE("convert_to_depth: distances along the rays of a wall are one depth") {
    std::vector<float> rays;
    for (int v = 0; v < 3; ++v) {
      for (int u = 0; u < 4; ++u) {
        rays.push_back(
            2 * std::sqrt(1 + std::pow((u - 1) / 10.0f, 2.0f) + std::pow((v - 1) / 20.0f, 2.0f)));
      }
    }
    for (const float z : converted(rays, 4, {.kind = DepthKind::ray})) {
      CHECK(z == doctest::Approx(2).epsilon(1e-6));
    }
  }

  TEST_CASE("convert_to_depth: inverse depth, and what has none") {
    CHECK(converted({4, 0.5f, 0, -1, NAN, HUGE_VALF, 1e-45f}, 7, {.kind = DepthKind::inverse}) ==
          std::vector<float>{0.25f, 2, 0, 0, 0, 0, 0});
  }

  TEST_CASE("convert_to_depth: disparity is baseline times focal length over pixels") {
    const DepthMeaning stereo{.kind = DepthKind::disparity, .baseline = 0.5};
    CHECK(converted({5, 0.5f, 0, -1, HUGE_VALF}, 5, stereo) == std::vector<float>{1, 10, 0, 0, 0});
    DepthMeaning shifted = stereo;
    shifted.disparity_offset = 5;
    CHECK(converted({5, 0, -1}, 3, shifted) == std::vector<float>{0.5f, 0, 0});
    shifted.disparity_offset = -5;
    CHECK(converted({10, 5, 4}, 3, shifted) == std::vector<float>{1, 0, 0});
  }

  TEST_CASE("convert_to_depth: what it refuses") {
    for (const double baseline : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
      CHECK(error_with({DepthKind::disparity, baseline}).starts_with("invalid_argument file"));
    }
    CHECK(error_with({DepthKind::z, 0, std::nan("")}).starts_with("invalid_argument file"));
    std::vector<float> values(5);
    CHECK(error_of([&] {
            depthcloud::convert_to_depth(values, 2, {}, camera);
          }).starts_with("invalid_argument file"));
    CHECK(error_of([&] {
            depthcloud::convert_to_depth(values, 5, {}, {});
          }).starts_with("invalid_argument file"));
  }
}
