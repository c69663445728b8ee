// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/depth_scale.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "enum_names.hpp"
#include "expect_error.hpp"

using depthcloud::DepthView;
using depthcloud::fit_scale;
using depthcloud::KnownDepth;
using depthcloud::ScaleFit;
using depthcloud::ScaleModel;

namespace {

constexpr int width = 40, height = 30;

/// Depth from 1 to 5 all over a picture.
std::vector<float> ramp() {
  std::vector<float> depth;
  for (int i = 0; i < width * height; ++i) {
    depth.push_back(1 + 4 * static_cast<float>(i * 7 % (width * height)) / (width * height));
  }
  return depth;
}

DepthView view_of(const std::vector<float>& depth, int columns = width) {
  const int rows = static_cast<int>(depth.size()) / columns;
  return {.width = columns,
          .height = rows,
          .depth = depth.data(),
          .intrinsics = {20, 20, columns / 2.0, rows / 2.0}};
}

/// Metres of a depth by what the fit should be.
double metres(const ScaleFit& fit, double z) {
  return fit.model == ScaleModel::inverse_depth ? 1 / (fit.scale / z + fit.shift)
                                                : fit.scale * z + fit.shift;
}

/// Every tenth pixel, a share of them wrong.
std::vector<KnownDepth> known_of(const std::vector<float>& depth, const ScaleFit& truth,
                                 double wrong = 0) {
  std::mt19937 random(7);
  std::vector<KnownDepth> known;
  for (int i = 0; i < width * height; i += 10) {
    const bool is_wrong = static_cast<double>(random() % 1000) < 1000 * wrong;
    known.push_back({static_cast<double>(i % width), static_cast<double>(i / width),
                     is_wrong ? 0.1 + static_cast<double>(random() % 1000) / 10
                              : metres(truth, depth[static_cast<std::size_t>(i)])});
  }
  return known;
}

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("scale models have names that round-trip") {
    check_names(depthcloud::parse_scale_model, depthcloud::scale_model_names(),
                {ScaleModel::scale, ScaleModel::depth, ScaleModel::inverse_depth});
  }

  TEST_CASE("fit_scale finds each model, also with four tenths of the points wrong") {
    const std::vector<float> depth = ramp();
    for (const ScaleFit& truth :
         {ScaleFit{ScaleModel::scale, 2.5, 0}, ScaleFit{ScaleModel::depth, 0.5, 1.25},
          ScaleFit{ScaleModel::inverse_depth, 0.75, 0.2}}) {
      for (const double wrong : {0.0, 0.4}) {
        const auto known = known_of(depth, truth, wrong);
        const ScaleFit fit = fit_scale(view_of(depth), known, {.model = truth.model});
        CAPTURE(wrong);
        CHECK(fit.model == truth.model);
        CHECK(fit.scale == doctest::Approx(truth.scale).epsilon(wrong == 0 ? 1e-5 : 0.03));
        CHECK(fit.shift == doctest::Approx(truth.shift).epsilon(wrong == 0 ? 1e-4 : 0.05));
        CHECK(fit.points == known.size());
        CHECK(fit.inliers >= static_cast<std::size_t>((1 - wrong) * 0.9 * 120));
        CHECK(fit.inliers <= known.size());
        CHECK(fit.error < (wrong == 0 ? 1e-5 : 0.02));
        const ScaleFit again = fit_scale(view_of(depth), known, {.model = truth.model});
        CHECK(again.scale == fit.scale);
      }
    }
  }

  TEST_CASE("fit_scale: one point is enough for a scale, and its pixel is the nearest") {
    std::vector<float> depth(width * height, 1.0f);
    depth[2 * width + 3] = 4;
    CHECK(fit_scale(view_of(depth), std::vector<KnownDepth>{{3.4, 1.6, 2}}).scale == 0.5);
    CHECK(fit_scale(view_of(depth), std::vector<KnownDepth>{{3.6, 1.6, 2}}).scale == 2);
  }

  TEST_CASE("fit_scale: inlier_error decides what counts") {
    const std::vector<float> depth(width * height, 1.0f);
    std::vector<KnownDepth> known(9, {5, 5, 2.0});
    known.push_back({6, 6, 2.2});
    CHECK(fit_scale(view_of(depth), known, {.inlier_error = 0.2}).inliers == 10);
    CHECK(fit_scale(view_of(depth), known, {.inlier_error = 0.05}).inliers == 9);
    CHECK(fit_scale(view_of(depth), known, {.inlier_error = 0.05}).scale == doctest::Approx(2));
  }

  TEST_CASE("fit_scale with a sparse depth image of another size") {
    const std::vector<float> depth = ramp();
    std::vector<float> lidar(width / 2 * height / 2, 0.0f);
    for (int v = 0; v < height / 2; v += 3) {
      for (int u = 0; u < width / 2; u += 2) {
        // the centre of its pixel lies between four, of which the nearest is compared
        lidar[static_cast<std::size_t>(v * width / 2 + u)] =
            3 * depth[static_cast<std::size_t>((2 * v + 1) * width + 2 * u + 1)];
      }
    }
    const ScaleFit fit = fit_scale(view_of(depth), view_of(lidar, width / 2));
    CHECK(fit.points == 50);
    CHECK(fit.inliers == 50);
    CHECK(fit.scale == doctest::Approx(3));
  }

  TEST_CASE("fit_scale: points that cannot be compared are left out") {
    std::vector<float> depth = ramp();
    depth[0] = 0;
    depth[1] = std::numeric_limits<float>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const std::vector<KnownDepth> known = {{0, 0, 1},
                                           {1, 0, 1},
                                           {-1, 0, 1},
                                           {width, 0, 1},
                                           {0, height, 1},
                                           {infinity, 0, 1},
                                           {std::nan(""), 0, 1},
                                           {5, 5, 0},
                                           {5, 5, -1},
                                           {5, 5, infinity},
                                           {5, 5, 2.0 * depth[5 * width + 5]}};
    const ScaleFit fit = fit_scale(view_of(depth), known);
    CHECK(fit.points == 1);
    CHECK(fit.scale == doctest::Approx(2));
  }

  TEST_CASE("fit_scale: what it refuses") {
    const std::vector<float> depth = ramp();
    const std::vector<float> flat(width * height, 2.0f);
    using Known = std::vector<KnownDepth>;
    const auto error = [](const std::vector<float>& map, const Known& known,
                          const depthcloud::ScaleFitOptions& options = {}) {
      return error_of([&] { fit_scale(view_of(map), known, options); });
    };
    CHECK(error(depth, {}) ==
          "invalid_argument cloud: 0 known points lie at pixels with depth, 'scale' needs 1");
    CHECK(contains(error(depth, {{1, 1, 2}}, {.model = ScaleModel::depth}), "'depth' needs 2"));
    CHECK(contains(error(flat, {{1, 1, 2}, {5, 5, 3}}, {.model = ScaleModel::depth}),
                   "no two depths"));
    // nearer is farther
    CHECK(contains(error(depth, {{0, 0, 5}, {1, 0, 4}}, {.model = ScaleModel::depth}), "no two"));
    CHECK(contains(error(depth, {{1, 1, 2}}, {.inlier_error = 0}), "inlier_error is 0"));
    CHECK(contains(error(depth, {{1, 1, 2}}, {.inlier_error = std::nan("")}), "inlier_error"));
  }

  TEST_CASE("apply_scale makes metres, and no depth of what has none") {
    const float infinity = std::numeric_limits<float>::infinity();
    depthcloud::DepthInfo info;
    info.intrinsics = {4, 4, 2, 1};
    info.extrinsics = depthcloud::Extrinsics{1, 0, 0, 1, 0, 1, 0, 2, 0, 0, 1, 3};
    const depthcloud::DepthMap map(
        4, 1, {.depth = {1, 0, infinity, 4}, .confidence = {5, 6, 7, 8}, .sky = {}}, info);
    const auto scaled = depthcloud::apply_scale(map, {.scale = 2});
    CHECK(std::vector<float>(scaled.depth().begin(), scaled.depth().end()) ==
          std::vector<float>{2, 0, 0, 8});
    CHECK(scaled.is_metric());
    CHECK(scaled.info().metres_source == depthcloud::MetresSource::known_depth);
    CHECK(scaled.confidence()[3] == 8);
    CHECK((*scaled.info().extrinsics)[11] == 6);
    const auto shifted =
        depthcloud::apply_scale(map, {.model = ScaleModel::depth, .scale = 1, .shift = -2});
    CHECK(std::vector<float>(shifted.depth().begin(), shifted.depth().end()) ==
          std::vector<float>{0, 0, 0, 2});
    CHECK_FALSE(shifted.info().extrinsics.has_value());
    const auto inverse = depthcloud::apply_scale(
        map, {.model = ScaleModel::inverse_depth, .scale = 2, .shift = -0.5});
    CHECK(inverse.depth()[0] == doctest::Approx(1 / 1.5));
    CHECK(inverse.depth()[3] == 0);  // 1 / 0
    for (const ScaleFit& fit : {ScaleFit{.scale = 0}, ScaleFit{.scale = -1},
                                ScaleFit{.scale = std::nan("")}, ScaleFit{.shift = INFINITY}}) {
      CHECK(error_of([&] {
              depthcloud::apply_scale(map, fit);
            }).starts_with("invalid_argument cloud: a fit with scale"));
    }
  }
}
