// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/point_cloud.hpp>

#include <array>
#include <span>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "enum_names.hpp"
#include "expect_error.hpp"

using depthcloud::Axes;
using depthcloud::PointCloud;

TEST_SUITE("cloud") {
  TEST_CASE("axes have names that round-trip") {
    check_names(depthcloud::parse_axes, depthcloud::axes_names(),
                {Axes::opencv, Axes::opengl, Axes::v1, Axes::ros});
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
    const std::array<float, 3> opencv{1, 2, 3}, opengl{1, -2, -3}, v1{1, -2, 3}, ros{3, -1, -2};
    CHECK(in(Axes::opencv, Axes::opengl, opencv) == opengl);
    CHECK(in(Axes::opencv, Axes::v1, opencv) == v1);
    CHECK(in(Axes::opengl, Axes::v1, opengl) == v1);
    CHECK(in(Axes::v1, Axes::opencv, v1) == opencv);
    CHECK(in(Axes::v1, Axes::v1, v1) == v1);
    CHECK(in(Axes::opencv, Axes::ros, opencv) == ros);
    CHECK(in(Axes::opengl, Axes::ros, opengl) == ros);
    CHECK(in(Axes::ros, Axes::v1, ros) == v1);
    CHECK(in(Axes::ros, Axes::opencv, ros) == opencv);
    CHECK(in(Axes::ros, Axes::ros, ros) == ros);
  }

  TEST_CASE("points are converted between arrays of one size") {
    const std::array<float, 6> xyz{1, 2, 3, 4, 5, 6};
    std::array<float, 6> out{};
    depthcloud::convert_axes(xyz, Axes::opencv, Axes::ros, out);
    CHECK(out == std::array<float, 6>{3, -1, -2, 6, -4, -5});
    depthcloud::convert_axes(out, Axes::ros, Axes::opencv, out);
    CHECK(out == xyz);
    for (const auto& [from, to] : {std::pair{6, 3}, {3, 6}, {4, 4}}) {
      CHECK(error_of([&, from = from, to = to] {
              depthcloud::convert_axes(std::span(xyz).first(from), Axes::opencv, Axes::v1,
                                       std::span(out).first(to));
            }).starts_with("invalid_argument cloud"));
    }
  }

  TEST_CASE("thin_evenly keeps points of all parts, in order") {
    PointCloud cloud;
    cloud.positions.resize(30);
    cloud.colors.resize(30);
    for (std::size_t i = 0; i < 30; ++i) {
      cloud.positions[i] = static_cast<float>(i);
      cloud.colors[i] = static_cast<std::uint8_t>(i);
    }
    thin_evenly(cloud, 0);
    thin_evenly(cloud, 10);
    CHECK(cloud.size() == 10);
    thin_evenly(cloud, 5);
    REQUIRE(cloud.size() == 5);
    for (std::size_t i = 0; i < 15; ++i) {
      const std::size_t from = 3 * (2 * (i / 3) + 1) + i % 3;
      CHECK(cloud.positions[i] == static_cast<float>(from));
      CHECK(cloud.colors[i] == from);
    }
    cloud.colors.resize(3);
    CHECK(error_of([&] { thin_evenly(cloud, 1); }).starts_with("invalid_argument cloud: "));
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

  TEST_CASE("a cloud may have no colours") {
    const std::array<float, 6> xyz{};
    CHECK(error_of([&] { validate(depthcloud::CloudView{xyz, {}}); }) == "nothing");
    CHECK(error_of([&] {
            validate(depthcloud::CloudView{std::span(xyz).first(4), {}});
          }) ==
          "invalid_argument cloud: a cloud has 4 coordinates and 0 colour samples: not three a "
          "point, or no colours");
  }

  TEST_CASE("a cloud that no memory can hold is refused") {
    const std::array<float, 3> xyz{};
    const std::array<std::uint8_t, 3> rgb{};
    const auto of_points = [&](std::size_t points) {
      return error_of([&] {
        validate(depthcloud::CloudView{{xyz.data(), 3 * points}, {rgb.data(), 3 * points}});
      });
    };
    const std::size_t most = (std::size_t{1} << 47) / (3 * sizeof(float));
    CHECK(of_points(most) == "nothing");
    CHECK(of_points(most + 1) ==
          "invalid_argument cloud: a cloud of 11728124029611 points fits no memory");
  }
}
