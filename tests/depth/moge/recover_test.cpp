// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/recover.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

using namespace depthcloud;

namespace {

/// A slanted plane seen by a pinhole camera of this focal length, its z moved by -shift.
std::vector<PointSample> plane(double focal, double shift) {
  std::vector<PointSample> samples;
  for (int i = -8; i <= 8; ++i) {
    for (int j = -8; j <= 8; ++j) {
      const double u = j / 10.0;
      const double v = i / 12.0;
      const double z = 3 + 0.7 * u - 0.4 * v;
      samples.push_back({static_cast<float>(u * z / focal), static_cast<float>(v * z / focal),
                         static_cast<float>(z - shift), static_cast<float>(u),
                         static_cast<float>(v)});
    }
  }
  return samples;
}

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("MoGe: the camera of an affine point map is found") {
    for (const double focal : {0.5, 1.2, 4.0}) {
      for (const double shift : {-0.8, 0.0, 1.5}) {
        const FocalShift found = recover_focal_shift(plane(focal, shift));
        CHECK(found.focal == doctest::Approx(focal).epsilon(2e-3));
        CHECK(found.shift == doctest::Approx(shift).epsilon(2e-3));
        CHECK(recover_focal_shift(plane(focal, shift), focal).shift ==
              doctest::Approx(shift).epsilon(2e-3));
      }
    }
  }

  TEST_CASE("MoGe: fewer than two samples are no camera") {
    const std::vector<PointSample> one = {{1, 2, 3, 0.1F, 0.2F}};
    for (const std::vector<PointSample>& samples : {std::vector<PointSample>{}, one}) {
      CHECK(recover_focal_shift(samples).focal == 1);
      CHECK(recover_focal_shift(samples).shift == 0);
      CHECK(recover_focal_shift(samples, 1.5).focal == 1.5);
    }
  }

  TEST_CASE("MoGe: the search ends whatever the points are") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    for (const float value : {0.0F, 1e-30F, 1e30F, infinity, std::nanf("")}) {
      const std::vector<PointSample> samples(100, {value, -value, value, 0.3F, 0.1F});
      CHECK(recover_focal_shift(samples).trials.size() <= 200);
      CHECK(recover_focal_shift(samples, 1.0).trials.size() <= 200);
    }
  }
}
