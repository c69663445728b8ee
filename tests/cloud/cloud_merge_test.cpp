// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/cloud_merge.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "expect_error.hpp"

using depthcloud::Axes;
using depthcloud::CloudView;
using depthcloud::Extrinsics;
using depthcloud::merge;
using depthcloud::PointCloud;
using depthcloud::RegisteredCloud;

namespace {

constexpr Extrinsics identity{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
/// A camera at (2, 0, 0) of the world that looks along the world's -x: its x is the world's z.
constexpr Extrinsics from_the_right{0, 0, 1, 0, 0, 1, 0, 0, -1, 0, 0, 2};

/// Points with the colour (index, 10 index, 100).
PointCloud cloud_of(std::vector<float> positions, Axes axes = Axes::opencv) {
  PointCloud cloud;
  cloud.positions.assign(positions);
  cloud.colors.resize(positions.size());
  for (std::size_t i = 0; i < cloud.size(); ++i) {
    cloud.colors[3 * i] = static_cast<std::uint8_t>(i);
    cloud.colors[3 * i + 1] = static_cast<std::uint8_t>(10 * i);
    cloud.colors[3 * i + 2] = 100;
  }
  cloud.axes = axes;
  return cloud;
}

std::vector<float> positions_of(const PointCloud& cloud) {
  return {cloud.positions.begin(), cloud.positions.end()};
}

}  // namespace

TEST_SUITE("cloud_merge") {
  TEST_CASE("two cameras that see one point put it in one place of the world") {
    const PointCloud front = cloud_of({0.5f, 0.25f, 4});
    const PointCloud right = cloud_of({4, 0.25f, 1.5f});
    const RegisteredCloud views[] = {{front.view(), identity}, {right.view(), from_the_right}};
    const PointCloud scene = merge(views);
    CHECK(positions_of(scene) == std::vector<float>{0.5f, 0.25f, 4, 0.5f, 0.25f, 4});
    CHECK(scene.num_views == 2);
    CHECK(scene.axes == Axes::opencv);
  }

  TEST_CASE("colours stay with their points, view by view") {
    const PointCloud first = cloud_of({0, 0, 1, 0, 0, 2});
    const PointCloud second = cloud_of({0, 0, 3});
    const RegisteredCloud views[] = {{first.view(), identity}, {second.view(), identity}};
    const PointCloud scene = merge(views);
    CHECK(positions_of(scene) == std::vector<float>{0, 0, 1, 0, 0, 2, 0, 0, 3});
    CHECK(std::vector<std::uint8_t>(scene.colors.begin(), scene.colors.end()) ==
          std::vector<std::uint8_t>{0, 0, 100, 1, 10, 100, 0, 0, 100});
  }

  TEST_CASE("clouds may come in any axes and leave in any") {
    const PointCloud opencv = cloud_of({4, 0.25f, 1.5f});
    for (const Axes from : {Axes::opencv, Axes::opengl, Axes::v1, Axes::ros}) {
      PointCloud cloud = opencv;
      convert_axes(cloud, from);
      for (const Axes to : {Axes::opencv, Axes::opengl, Axes::v1, Axes::ros}) {
        PointCloud expected = cloud_of({0.5f, 0.25f, 4});
        convert_axes(expected, to);
        const RegisteredCloud views[] = {{cloud.view(), from_the_right}};
        const PointCloud scene = merge(views, {.axes = to});
        CHECK(positions_of(scene) == positions_of(expected));
        CHECK(scene.axes == to);
        CHECK(scene.num_views == 1);
      }
    }
  }

  TEST_CASE("max_points thins evenly over all views") {
    const PointCloud first = cloud_of({0, 0, 0, 1, 0, 0, 2, 0, 0});
    const PointCloud second = cloud_of({3, 0, 0, 4, 0, 0, 5, 0, 0});
    const RegisteredCloud views[] = {{first.view(), identity}, {second.view(), identity}};
    const PointCloud scene = merge(views, {.max_points = 2});
    CHECK(positions_of(scene) == std::vector<float>{2, 0, 0, 5, 0, 0});
    CHECK(merge(views, {.max_points = 6}).size() == 6);
  }

  TEST_CASE("no views and empty views are empty clouds") {
    CHECK(merge({}).empty());
    CHECK(merge({}).num_views == 0);
    const RegisteredCloud views[] = {{CloudView{}, identity}, {CloudView{}, identity}};
    CHECK(merge(views).empty());
    CHECK(merge(views).num_views == 2);
  }

  TEST_CASE("memory is reused") {
    const PointCloud cloud = cloud_of({0, 0, 1, 0, 0, 2});
    const RegisteredCloud views[] = {{cloud.view(), identity}, {cloud.view(), identity}};
    PointCloud scene;
    merge(views, {}, scene);
    const float* memory = scene.positions.data();
    merge(std::span(views).first(1), {}, scene);
    CHECK(scene.positions.data() == memory);
    CHECK(scene.size() == 2);
    CHECK(scene.num_views == 1);
  }

  TEST_CASE("a view that cannot be read and a pose that is none are errors") {
    const std::array<float, 3> xyz{};
    const std::array<std::uint8_t, 3> rgb{};
    const auto error = [&](const CloudView& cloud, const Extrinsics& extrinsics) {
      const RegisteredCloud views[] = {{cloud, extrinsics}};
      return error_of([&] { merge(views); });
    };
    CHECK(error({xyz, std::span(rgb).first(2)}, identity)
              .starts_with("invalid_argument cloud: a cloud has"));
    CHECK(error({xyz, rgb}, {}).starts_with("invalid_argument cloud: extrinsics"));
    Extrinsics nowhere = identity;
    nowhere[7] = std::nan("");
    CHECK(error({xyz, rgb}, nowhere).starts_with("invalid_argument cloud: extrinsics"));
  }

  TEST_CASE("clouds without colours merge to one without; a mix is refused, empty views apart") {
    PointCloud plain = cloud_of({0, 0, 1});
    plain.colors.resize(0);
    const PointCloud colored = cloud_of({0, 0, 2});
    const RegisteredCloud alike[] = {{plain.view(), identity}, {plain.view(), identity}};
    PointCloud scene = colored;
    merge(alike, {.max_points = 1}, scene);
    CHECK(positions_of(scene) == std::vector<float>{0, 0, 1});
    CHECK(scene.colors.empty());
    const RegisteredCloud mixed[] = {{colored.view(), identity}, {plain.view(), identity}};
    CHECK(error_of([&] { merge(mixed); }) ==
          "invalid_argument cloud: view 0 has colours and view 1 has none: give all clouds "
          "colours, or none");
    const RegisteredCloud with_empty[] = {{colored.view(), identity}, {CloudView{}, identity}};
    CHECK(merge(with_empty).colors.size() == 3);
  }

  TEST_CASE("normals turn with their cameras and do not move; a mix is refused") {
    PointCloud first = cloud_of({0, 0, 1});
    PointCloud second = cloud_of({0, 0, 2});
    first.normals.assign(std::vector<float>{0, 0, -1});
    second.normals.assign(std::vector<float>{0, 0, -1});
    const RegisteredCloud views[] = {{first.view(), identity}, {second.view(), from_the_right}};
    const PointCloud scene = merge(views);
    CHECK(std::vector<float>(scene.normals.begin(), scene.normals.end()) ==
          std::vector<float>{0, 0, -1, 1, 0, 0});
    second.normals.resize(0);
    const RegisteredCloud mixed[] = {{first.view(), identity}, {second.view(), identity}};
    CHECK(contains(error_of([&] { merge(mixed); }), "view 0 has normals and view 1 has none"));
  }
}
