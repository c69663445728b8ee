// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/precision.hpp"

#include <cmath>
#include <filesystem>
#include <string>

#include "torch_doctest.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

#include "depth/backend/precision_check.hpp"
#include "depth/backend/torch_device.hpp"
#include "depth/flat_image.hpp"
#include "depth/golden.hpp"
#include "depth/nn/vit_precision.hpp"
#include "expect_error.hpp"
#include "temp_dir.hpp"

using depthcloud::DepthEstimator;
using depthcloud::Precision;
using depthcloud::precision_obstacle;
using depthcloud::try_depth_anything;
using depthcloud::test::GoldenModel;

TEST_SUITE("precision") {
  TEST_CASE("the precision of the backbone shows in what the tiny network gives") {
    const c10::InferenceMode inference;
    const at::Tensor exact = try_depth_anything(at::kCPU, Precision::f32);
    const at::Tensor rounded = try_depth_anything(at::kCPU, Precision::int8);
    const double change = ((rounded - exact).abs().max() / exact.abs().max()).item<double>();
    CHECK(change > 1e-3);
    CHECK(change < 0.1);
  }

  TEST_CASE("int8 works on every CPU of these tests, for Depth Anything") {
    CHECK(precision_obstacle(try_depth_anything, {}, Precision::int8) == "");
    CHECK(error_of([] { depthcloud::to_torch(Precision::int8); }) ==
          "unavailable load: int8 is only for Depth Anything and MoGe");
  }

  TEST_CASE("a checkpoint loads and runs in each precision, or is refused at load") {
    const TempDir dir;
    std::filesystem::copy_file(depthcloud::test::golden_path("da3_micro.weights.safetensors"),
                               dir.path() / "model.safetensors");
    std::filesystem::copy_file(depthcloud::test::golden_path("da3_micro.config.json"),
                               dir.path() / "config.json");
    const depthcloud::Image image = flat_image(56, 42, 128);
    for (const Precision precision :
         {Precision::f32, Precision::bf16, Precision::f16, Precision::int8, Precision::automatic}) {
      CAPTURE(to_string(precision));
      const auto run = [&] {
        auto estimator = DepthEstimator::load(
            dir.path().string(), {.device = "cpu", .precision = precision, .process_res = 56});
        const auto depth = estimator.estimate(image.view());
        CHECK(std::isfinite(depth.depth()[0]));
        CHECK(estimator.info().precision != Precision::automatic);
      };
      const std::string obstacle = precision == Precision::automatic
                                       ? ""
                                       : precision_obstacle(try_depth_anything, {}, precision);
      const std::string error = error_of(run);
      if (obstacle.empty()) {
        CHECK(error == "nothing");
      } else {
        CHECK(error.starts_with(fmt::format("unavailable load: precision {} does not work on cpu",
                                            to_string(precision))));
        CHECK(error.find(obstacle) != std::string::npos);
      }
    }
  }

  TEST_CASE("auto takes an accurate precision that works, and the same one again") {
    const auto config = GoldenModel("da3_micro").config;
    const depthcloud::nn::PatchGrid patches{6, 8};
    const Precision chosen =
        depthcloud::nn::fastest_precision(config.vit, patches, {}, try_depth_anything);
    CHECK((chosen == Precision::f32 || chosen == Precision::bf16));
    CHECK(precision_obstacle(try_depth_anything, {}, chosen) == "");
    for (int i = 0; i < 5; ++i) {
      CHECK(depthcloud::nn::fastest_precision(config.vit, patches, {}, try_depth_anything) ==
            chosen);
    }
  }
}
