// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/depth_alignment.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "expect_error.hpp"

namespace depthcloud {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr Extrinsics identity{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};

/// [R|t] of a rotation about x, then y, then z, radians.
Extrinsics pose(double x, double y, double z, double tx, double ty, double tz) {
  const double cx = std::cos(x), sx = std::sin(x), cy = std::cos(y), sy = std::sin(y),
               cz = std::cos(z), sz = std::sin(z);
  return {cz * cy,
          cz * sy * sx - sz * cx,
          cz * sy * cx + sz * sx,
          tx,
          sz * cy,
          sz * sy * sx + cz * cx,
          sz * sy * cx - cz * sx,
          ty,
          -sy,
          cy * sx,
          cy * cx,
          tz};
}

struct Scene {
  int width, height;
  std::vector<float> depth, confidence;
  Intrinsics intrinsics;

  DepthView view() const {
    return {width, height, depth.data(), confidence.empty() ? nullptr : confidence.data(),
            intrinsics};
  }
};

/// Slopes, steps and holes of every kind.
Scene random_scene(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> unit(0, 1);
  Scene scene{width, height, {}, {}, {0.9 * width, 1.1 * width, 0.47 * width, 0.52 * height}};
  const float holes[] = {0, -1, nan, infinity, -infinity};
  for (int v = 0; v < height; ++v) {
    for (int u = 0; u < width; ++u) {
      const bool front = (u / 7 + v / 5) % 3 == 0;
      float z = (front ? 1.0f : 3.0f) + 0.01f * static_cast<float>(u) + 0.05f * unit(random);
      if (unit(random) < 0.05f) z = holes[random() % 5];
      scene.depth.push_back(z);
      scene.confidence.push_back(unit(random));
    }
  }
  return scene;
}

struct Aligned {
  std::vector<float> depth, confidence;
};

/// The documented method once more, target pixel by target pixel: the nearest of all pixels of
/// depth whose box holds its centre.
Aligned oracle(const Scene& scene, const AlignmentTarget& target) {
  const Intrinsics &a = scene.intrinsics, &b = target.intrinsics;
  const Extrinsics& e = target.extrinsics;
  struct Box {
    double left, right, top, bottom;
    float z, confidence;
  };
  std::vector<Box> boxes;
  for (int v = 0; v < scene.height; ++v) {
    for (int u = 0; u < scene.width; ++u) {
      const auto i = static_cast<std::size_t>(v * scene.width + u);
      const double d = scene.depth[i];
      if (!std::isfinite(d) || d <= 0) continue;
      const double p[3] = {(u - a.cx) / a.fx * d, (v - a.cy) / a.fy * d, d};
      double q[3];
      for (int row = 0; row < 3; ++row) {
        q[row] = e[4 * row] * p[0] + e[4 * row + 1] * p[1] + e[4 * row + 2] * p[2] + e[4 * row + 3];
      }
      if (q[2] <= 0) continue;
      const double u0 = b.fx * q[0] / q[2] + b.cx, v0 = b.fy * q[1] / q[2] + b.cy;
      double half_u = 0.5, half_v = 0.5;
      if (target.splat) {
        half_u = d / q[2] * (std::abs(e[0]) / a.fx + std::abs(e[1]) / a.fy) * b.fx / 2;
        half_v = d / q[2] * (std::abs(e[4]) / a.fx + std::abs(e[5]) / a.fy) * b.fy / 2;
        half_u = std::min(std::max(half_u, 0.5), 16.0);
        half_v = std::min(std::max(half_v, 0.5), 16.0);
      }
      boxes.push_back({u0 - half_u, u0 + half_u, v0 - half_v, v0 + half_v, static_cast<float>(q[2]),
                       scene.confidence[i]});
    }
  }
  Aligned aligned;
  for (int v = 0; v < target.height; ++v) {
    for (int u = 0; u < target.width; ++u) {
      float nearest = 0, confidence = 0;
      for (const Box& box : boxes) {
        if (u < box.left || u >= box.right || v < box.top || v >= box.bottom) continue;
        if (nearest != 0 && nearest <= box.z) continue;
        nearest = box.z;
        confidence = box.confidence;
      }
      aligned.depth.push_back(nearest);
      aligned.confidence.push_back(confidence);
    }
  }
  return aligned;
}

/// Depth of the same scene as integers of this scale.
std::vector<std::uint16_t> steps_of(const Scene& scene, double scale) {
  std::vector<std::uint16_t> steps;
  for (const float z : scene.depth) {
    steps.push_back(std::isfinite(z) && z > 0 ? static_cast<std::uint16_t>(z / scale) : 0);
  }
  return steps;
}

std::vector<float> values(std::span<const float> plane) { return {plane.begin(), plane.end()}; }

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("alignment: onto its own camera depth is the same, and holes are 0") {
    const Scene scene = random_scene(40, 30, 1);
    const DepthMap aligned =
        align_depth(scene.view(), {.width = 40, .height = 30, .intrinsics = scene.intrinsics});
    for (std::size_t i = 0; i < scene.depth.size(); ++i) {
      const float z = scene.depth[i];
      REQUIRE(aligned.depth()[i] == (std::isfinite(z) && z > 0 ? z : 0));
    }
    CHECK(aligned.intrinsics() == scene.intrinsics);
    CHECK_FALSE(aligned.is_metric());
  }

  TEST_CASE("alignment: agrees with a plain search over all pixels") {
    const Extrinsics poses[] = {identity, pose(0.02, -0.03, 0.01, 0.1, -0.05, 0.02),
                                pose(0.1, 0.3, 0.7, -0.4, 0.2, 0.5),
                                pose(0, 0, 1.5707, 0.05, 0, -0.3)};
    unsigned seed = 2;
    for (const Extrinsics& extrinsics : poses) {
      for (const double finer : {0.6, 1.0, 3.7}) {
        for (const bool splat : {true, false}) {
          const Scene scene = random_scene(32, 24, ++seed);
          const AlignmentTarget target{
              .width = static_cast<int>(37 * finer),
              .height = static_cast<int>(29 * finer),
              .intrinsics = {33.3 * finer, 31.7 * finer, 17.9 * finer, 14.1 * finer},
              .extrinsics = extrinsics,
              .splat = splat};
          const Aligned expected = oracle(scene, target);
          const DepthMap aligned = align_depth(scene.view(), target);
          REQUIRE(aligned.width() == target.width);
          REQUIRE(aligned.height() == target.height);
          std::size_t different = 0;
          for (std::size_t i = 0; i < expected.depth.size(); ++i) {
            const bool equal = std::abs(aligned.depth()[i] - expected.depth[i]) < 1e-5f &&
                               aligned.confidence()[i] == expected.confidence[i];
            if (!equal) ++different;
          }
          CHECK(different == 0);
          CHECK(std::ranges::count_if(expected.depth, [](float z) { return z > 0; }) > 50);
        }
      }
    }
  }

  TEST_CASE("alignment: splatting closes a wall seen by a finer camera, its lack leaves it open") {
    Scene scene{16, 12, std::vector<float>(16 * 12, 2.0f), {}, {12, 12, 7.5, 5.5}};
    const AlignmentTarget fine{
        .width = 64, .height = 48, .intrinsics = {48, 48, 31.5, 23.5}, .splat = true};
    AlignmentTarget points = fine;
    points.splat = false;
    const auto holes = [](const DepthMap& map) { return std::ranges::count(map.depth(), 0.0f); };
    CHECK(holes(align_depth(scene.view(), fine)) == 0);
    CHECK(holes(align_depth(scene.view(), points)) == 64 * 48 - 16 * 12);
  }

  TEST_CASE("alignment: one pixel fills 16 to each side at most") {
    const Scene scene{1, 1, {1}, {}, {1, 1, 0, 0}};
    const DepthMap aligned = align_depth(
        scene.view(), {.width = 101, .height = 101, .intrinsics = {1000, 1000, 50, 50}});
    CHECK(std::ranges::count(aligned.depth(), 1.0f) == 32 * 32);
    CHECK(aligned.depth()[101 * 34 + 34] == 1);
    CHECK(aligned.depth()[101 * 33 + 34] == 0);
  }

  TEST_CASE("alignment: the nearest wins, whatever comes first, and brings its confidence") {
    // Both pixels land on the one pixel of the target.
    for (const bool near_first : {true, false}) {
      const Scene scene{2,
                        1,
                        near_first ? std::vector<float>{1, 5} : std::vector<float>{5, 1},
                        near_first ? std::vector<float>{7, 9} : std::vector<float>{9, 7},
                        {100, 100, 0.5, 0}};
      const DepthMap aligned =
          align_depth(scene.view(), {.width = 1, .height = 1, .intrinsics = {1, 1, 0, 0}});
      CHECK(aligned.depth()[0] == 1);
      CHECK(aligned.confidence()[0] == 7);
    }
  }

  TEST_CASE("alignment: what is behind the target, out of its sight or too far has no depth") {
    const Scene scene{1, 1, {1}, {}, {1, 1, 0, 0}};
    const auto aligned = [&](const Extrinsics& extrinsics) {
      return align_depth(
                 scene.view(),
                 {.width = 1, .height = 1, .intrinsics = {1, 1, 0, 0}, .extrinsics = extrinsics})
          .depth()[0];
    };
    CHECK(aligned({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2}) == 3);
    CHECK(aligned({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, -1}) == 0);
    CHECK(aligned({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, -3}) == 0);
    CHECK(aligned({1, 0, 0, 1e6, 0, 1, 0, 0, 0, 0, 1, 0}) == 0);
    CHECK(aligned({1, 0, 0, -1e300, 0, 1, 0, 0, 0, 0, 1, 0}) == 0);
    CHECK(aligned({1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1e300}) == 0);
  }

  TEST_CASE("alignment: depth of 16 bits gives what its floats give, and is metric") {
    const Scene scene = random_scene(32, 24, 77);
    const std::vector<std::uint16_t> steps = steps_of(scene, 0.0025);
    const DepthView16 view{.width = 32,
                           .height = 24,
                           .depth = steps.data(),
                           .scale = 0.0025,
                           .confidence = scene.confidence.data(),
                           .intrinsics = scene.intrinsics};
    const DepthMap floats = to_depth_map(view);
    CHECK(floats.is_metric());
    CHECK(floats.depth()[5] == static_cast<float>(steps[5] * 0.0025));
    const AlignmentTarget target{.width = 30,
                                 .height = 20,
                                 .intrinsics = {28, 28, 15, 10},
                                 .extrinsics = pose(0.02, 0, 0, 0.1, 0, 0)};
    const DepthMap aligned = align_depth(view, target);
    CHECK(aligned.is_metric());
    CHECK(aligned.info().metres_source == depthcloud::MetresSource::measured);
    CHECK(values(aligned.depth()) == values(align_depth(floats, target).depth()));
    CHECK(values(aligned.confidence()) == values(align_depth(floats, target).confidence()));
    CHECK(align_depth(floats, target).is_metric());
  }

  TEST_CASE("alignment: a target or depth that is not valid is named") {
    const Scene scene = random_scene(4, 3, 1);
    const auto refused = [&](auto change) {
      AlignmentTarget target{.width = 4, .height = 3, .intrinsics = {4, 4, 2, 1.5}};
      change(target);
      return error_of([&] { align_depth(scene.view(), target); });
    };
    CHECK(refused([](AlignmentTarget& target) { target.width = 0; }) ==
          "invalid_argument cloud: the alignment target: size 0 x 3 is not positive");
    CHECK(contains(refused([](AlignmentTarget& target) { target.intrinsics.fx = -1; }), "pinhole"));
    CHECK(contains(refused([](AlignmentTarget& target) { target.extrinsics[0] = 2; }), "rotation"));
    CHECK(contains(refused([](AlignmentTarget& target) { target.extrinsics[3] = nan; }), "finite"));
    constexpr int most = std::numeric_limits<int>::max();
    CHECK(contains(refused([](AlignmentTarget& target) { target.width = target.height = most; }),
                   "memory"));
    CHECK(error_of([] { align_depth(DepthView{}, {}); }).starts_with("invalid_argument cloud"));
    const std::uint16_t step = 1;
    DepthView16 view{.width = 1, .height = 1, .depth = &step, .intrinsics = {1, 1, 0, 0}};
    CHECK(error_of([&] { validate(view); }) == "nothing");
    for (const double scale : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
      view.scale = scale;
      CHECK(contains(error_of([&] { validate(view); }), "depth scale"));
    }
    view.scale = 1;
    view.depth = nullptr;
    CHECK(contains(error_of([&] { validate(view); }), "no depth plane"));
  }
}

}  // namespace depthcloud
