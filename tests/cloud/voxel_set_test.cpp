// SPDX-License-Identifier: Apache-2.0
#include "cloud/voxel_set.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/cloud_merge.hpp>
#include <depthcloud/cloud_packer.hpp>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

/// Points with the colours (index, 0, 0), or without.
PointCloud cloud_of(const std::vector<float>& positions, bool colored = true) {
  PointCloud cloud;
  cloud.positions.assign(positions);
  if (!colored) return cloud;
  cloud.colors.resize(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    cloud.colors[i] = i % 3 == 0 ? static_cast<std::uint8_t>(i / 3) : std::uint8_t{0};
  }
  return cloud;
}

std::vector<float> positions_of(const PointCloud& cloud) {
  return {cloud.positions.begin(), cloud.positions.end()};
}

/// The first point of each voxel, by an ordered map.
std::vector<float> oracle(const std::vector<float>& positions, float side) {
  std::map<std::array<double, 3>, bool> seen;
  std::vector<float> kept;
  for (std::size_t i = 0; i < positions.size(); i += 3) {
    std::array<double, 3> voxel{};
    for (std::size_t k = 0; k < 3; ++k) {
      voxel[k] = std::floor(static_cast<double>(positions[i + k]) / static_cast<double>(side));
    }
    if (!seen.emplace(voxel, true).second) continue;
    kept.insert(kept.end(), {positions[i], positions[i + 1], positions[i + 2]});
  }
  return kept;
}

std::vector<float> random_positions(std::size_t points, float reach, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> coordinate(-reach, reach);
  std::vector<float> positions(3 * points);
  for (float& value : positions) value = coordinate(random);
  return positions;
}

/// A frame of 40 x 30 pixels on two slopes.
struct Slopes {
  std::vector<float> depth;
  Image image{40, 30};

  Slopes() {
    for (int i = 0; i < 40 * 30; ++i) {
      depth.push_back(i % 40 < 20 ? 1.0f + 0.01f * static_cast<float>(i / 40) : 3.0f);
      for (int c = 0; c < 3; ++c) image.data()[3 * i + c] = static_cast<std::uint8_t>(i + c);
    }
  }
  DepthView view() const { return {40, 30, depth.data(), nullptr, {35, 36, 19.5, 14.5}}; }
  DepthMap map() const { return {40, 30, {depth, {}, {}}, {.intrinsics = view().intrinsics}}; }
};

}  // namespace

TEST_SUITE("cloud") {
  TEST_CASE("voxels keep the first point of each, in order, with its colour") {
    PointCloud cloud = cloud_of({0.1f, 0.1f, 0.1f, 0.9f, 0.9f, 0.9f, 1.1f, 0.5f, 0.5f, -0.1f, 0.5f,
                                 0.5f, 0.5f, 0.5f, 0.5f});
    thin_voxels(cloud, 1);
    CHECK(positions_of(cloud) ==
          std::vector<float>{0.1f, 0.1f, 0.1f, 1.1f, 0.5f, 0.5f, -0.1f, 0.5f, 0.5f});
    REQUIRE(cloud.colors.size() == 9);
    CHECK(cloud.colors[3] == 2);
    CHECK(cloud.colors[6] == 3);
    PointCloud plain = cloud_of({0.1f, 0, 0, 0.2f, 0, 0}, false);
    thin_voxels(plain, 1);
    CHECK(plain.size() == 1);
    CHECK(plain.colors.empty());
    PointCloud none;
    thin_voxels(none, 1);
    CHECK(none.empty());
  }

  TEST_CASE("voxels agree with an ordered map, of any size and density") {
    unsigned seed = 0;
    for (const float side : {0.05f, 0.3f, 7.0f, 1e-4f}) {
      for (const std::size_t points : {1u, 50u, 20'000u}) {
        const std::vector<float> positions = random_positions(points, 2.0f, ++seed);
        PointCloud cloud = cloud_of(positions);
        thin_voxels(cloud, side);
        CHECK(positions_of(cloud) == oracle(positions, side));
        CHECK(cloud.colors.size() == cloud.positions.size());
      }
    }
  }

  TEST_CASE("voxels refuse a size or a point that makes none, and change nothing") {
    const float nan = std::nanf(""), inf = std::numeric_limits<float>::infinity();
    const auto refused = [](const std::vector<float>& positions, float side) {
      PointCloud cloud = cloud_of(positions);
      const std::string error = error_of([&] { thin_voxels(cloud, side); });
      CHECK(cloud.positions.size() == positions.size());
      return error;
    };
    CHECK(contains(refused({0, 0, 1}, 0), "voxel_size is 0"));
    for (const float side : {-1.0f, nan, inf}) {
      CHECK(contains(refused({0, 0, 1}, side), "is not a number from 0 up"));
    }
    CHECK(contains(refused({0, 0, 1, 0, nan, 0}, 1), "the coordinate nan lies in no voxel"));
    CHECK(contains(refused({0, 0, 1, 0, -inf, 0}, 1), "the coordinate -inf lies in no voxel"));
    CHECK(contains(refused({0, 0, 1, 0, 0, 1e30f}, 1), "voxel_size 1 is too small for a point"));
    CHECK(contains(refused({0, 0, 1000}, 1e-7f), "take at least 5e-07"));
    CHECK(contains(refused({0, 0, 1}, std::numeric_limits<float>::denorm_min()), "too small"));
    PointCloud far = cloud_of({0, 0, 1e30f});
    thin_voxels(far, 1e30f);
    CHECK(far.size() == 1);
    PointCloud broken = cloud_of({0, 0, 1});
    broken.colors.resize(2);
    CHECK(error_of([&] { thin_voxels(broken, 1); }).starts_with("invalid_argument cloud"));
  }

  TEST_CASE("the builder's voxel_size thins before max_points, for clouds and grids alike") {
    const Slopes frame;
    for (const Axes axes : {Axes::opencv, Axes::opengl, Axes::v1}) {
      for (const int stride : {1, 3}) {
        CloudOptions options{.stride = stride, .axes = axes};
        PointCloud expected = CloudBuilder(options).build(frame.view(), frame.image.view());
        thin_voxels(expected, 0.25f);
        options.voxel_size = 0.25f;
        CloudBuilder builder(options);
        const PointCloud cloud = builder.build(frame.view(), frame.image.view());
        CHECK(cloud.size() > 10);
        CHECK(cloud.size() < 40u * 30 / 4);
        CHECK(positions_of(cloud) == positions_of(expected));
        CHECK(std::ranges::equal(cloud.colors, expected.colors));
        const DepthGrid grid = builder.build_grid(frame.view(), frame.image.view());
        CHECK(grid.num_points == cloud.size());
        CHECK(positions_of(unproject(grid, axes)) == positions_of(cloud));
        options.max_points = 5;
        builder.set_options(options);
        const PointCloud few = builder.build(frame.view(), frame.image.view());
        CHECK(few.size() == 5);
        CHECK(positions_of(unproject(builder.build_grid(frame.view(), frame.image.view()), axes)) ==
              positions_of(few));
      }
    }
    CHECK(contains(error_of([] { validate(CloudOptions{.voxel_size = -1}); }), "voxel_size -1"));
    CHECK(contains(error_of([&] {
                     CloudBuilder({.voxel_size = 1e-12f}).build(frame.view(), frame.image.view());
                   }),
                   "voxel_size 1e-12 is too small"));
  }

  TEST_CASE("merged clouds are thinned in the world, all views together") {
    constexpr Extrinsics identity{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    const PointCloud first = cloud_of({0.1f, 0, 0, 1.1f, 0, 0});
    const PointCloud second = cloud_of({0.2f, 0, 0, 2.1f, 0, 0});
    const RegisteredCloud views[] = {{first.view(), identity}, {second.view(), identity}};
    CHECK(positions_of(merge(views, {.voxel_size = 1})) ==
          std::vector<float>{0.1f, 0, 0, 1.1f, 0, 0, 2.1f, 0, 0});
    CHECK(merge(views, {.voxel_size = 1, .max_points = 2}).size() == 2);
    CHECK(contains(error_of([&] { merge(views, {.voxel_size = NAN}); }), "voxel_size nan"));

    const Slopes frame;
    const DepthMap map = frame.map();
    const RegisteredView view{&map, frame.image.view(), identity};
    const RegisteredView both[] = {view, view};
    CloudPacker packer({.voxel_size = 0.25f});
    StageTimes times;
    PointCloud one, two, placed;
    packer.build(map, frame.image.view(), times, one);
    packer.merge(both, times, two);
    packer.place(view, times, placed);
    CHECK(positions_of(two) == positions_of(one));
    CHECK(positions_of(placed) == positions_of(one));
    CHECK(placed.num_views == 0);
  }
}

}  // namespace depthcloud
