// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/point_cloud.hpp>

#include <array>
#include <string>

#include <doctest/doctest.h>

#include "enum_names.hpp"
#include "expect_error.hpp"

using depthcloud::Axes;
using depthcloud::PointCloud;

TEST_SUITE("cloud") {
  TEST_CASE("axes have names that round-trip") {
    check_names(depthcloud::parse_axes, depthcloud::axes_names(),
                {Axes::opencv, Axes::opengl, Axes::v1});
    CHECK(error_of([] { depthcloud::parse_axes("OpenCV"); }).starts_with("invalid_argument"));
  }

  TEST_CASE("a point below, right of and before the camera, in all axes") {
    const auto in = [](Axes from, Axes to, std::array<float, 3> xyz) {
      PointCloud cloud;
      cloud.axes = from;
      cloud.positions.assign(xyz);
      convert_axes(cloud, to);
      CHECK(cloud.axes == to);
      return std::array<float, 3>{cloud.positions[0], cloud.positions[1], cloud.positions[2]};
    };
    const std::array<float, 3> opencv{1, 2, 3}, opengl{1, -2, -3}, v1{1, -2, 3};
    CHECK(in(Axes::opencv, Axes::opengl, opencv) == opengl);
    CHECK(in(Axes::opencv, Axes::v1, opencv) == v1);
    CHECK(in(Axes::opengl, Axes::v1, opengl) == v1);
    CHECK(in(Axes::v1, Axes::opencv, v1) == opencv);
    CHECK(in(Axes::v1, Axes::v1, v1) == v1);
  }

  TEST_CASE("positions and colours must match") {
    const std::array<float, 6> xyz{};
    const std::array<std::uint8_t, 6> rgb{};
    CHECK(error_of([&] { validate(depthcloud::CloudView{xyz, rgb}); }) == "nothing");
    CHECK(error_of([&] {
            validate(depthcloud::CloudView{xyz, std::span(rgb).first(3)});
          }).starts_with("invalid_argument"));
    CHECK(error_of([&] {
            validate(depthcloud::CloudView{std::span(xyz).first(4), std::span(rgb).first(4)});
          }).starts_with("invalid_argument"));
  }
}
