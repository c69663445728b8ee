// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/intrinsics.hpp>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "expect_error.hpp"

using depthcloud::Intrinsics;

TEST_SUITE("depth") {
  TEST_CASE("a 90 degree field of view has half the width as focal length") {
    const Intrinsics k = Intrinsics::from_fov(90, 640, 480);
    CHECK(k.fx == doctest::Approx(320));
    CHECK(k.fy == k.fx);
    CHECK(k.cx == 320);
    CHECK(k.cy == 240);
  }

  TEST_CASE("a field of view outside (0, 180) is refused") {
    for (const double fov : {0.0, -1.0, 180.0, std::nan("")}) {
      CHECK(error_of([&] { Intrinsics::from_fov(fov, 640, 480); }).starts_with("invalid_argument"));
    }
  }

  TEST_CASE("scaling is plain multiplication, without a half-pixel shift") {
    const Intrinsics k = Intrinsics{100, 200, 50, 60}.scaled_to(100, 100, 50, 25);
    CHECK(k == Intrinsics{50, 50, 25, 15});
  }

  TEST_CASE("only a pinhole camera is valid") {
    CHECK(Intrinsics{1, 1, -5, 0}.valid());
    CHECK_FALSE(Intrinsics{}.valid());
    CHECK_FALSE(Intrinsics{1, -1, 0, 0}.valid());
    CHECK_FALSE(Intrinsics{1, 1, std::numeric_limits<double>::infinity(), 0}.valid());
  }

  TEST_CASE("extrinsics hold a rotation and finite numbers") {
    using depthcloud::Extrinsics;
    using depthcloud::validate_extrinsics;
    const Extrinsics quarter_turn{0, 0, 1, 5, 0, 1, 0, -7, -1, 0, 0, 1e9};
    CHECK(error_of([&] { validate_extrinsics(quarter_turn); }) == "nothing");
    const auto changed = [&](std::size_t entry, double value) {
      Extrinsics extrinsics = quarter_turn;
      extrinsics[entry] = value;
      return error_of([&] { validate_extrinsics(extrinsics); });
    };
    CHECK(changed(2, 1.0001) == "nothing");  // as numbers of four digits are
    CHECK(changed(2, 1.01).starts_with("invalid_argument cloud: "));  // scaled
    CHECK(changed(0, 0.01).starts_with("invalid_argument cloud: "));  // skewed
    CHECK(changed(2, -1).starts_with("invalid_argument cloud: "));    // a mirror
    CHECK(contains(changed(3, std::nan("")), "not finite"));
    CHECK(error_of([&] { validate_extrinsics({}); }).starts_with("invalid_argument cloud: "));
  }
}
