// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <depthcloud/estimator.hpp>

#include "depth/flat_image.hpp"
#include "expect_error.hpp"

using depthcloud::DepthEstimator;
using depthcloud::DepthMap;
using depthcloud::Image;

TEST_SUITE("estimator") {
  TEST_CASE("constant is a metric plane at one metre, with confidence 1") {
    auto estimator = DepthEstimator::load("constant");
    const Image image = flat_image(640, 480);
    const DepthMap depth = estimator.estimate(image.view());
    CHECK(depth.width() == 504);
    CHECK(depth.height() == 378);
    CHECK(depth.is_metric());
    CHECK(depth.info().metres_source == depthcloud::MetresSource::model);
    CHECK(depth.depth().front() == 1.0f);
    CHECK(depth.depth().back() == 1.0f);
    CHECK(depth.confidence().front() == 1.0f);
    CHECK(depth.sky().empty());
    CHECK(estimator.info().name == "constant");
    CHECK(estimator.info().backend == "constant");
    CHECK(estimator.info().metric);
    CHECK(estimator.info().process_res == 504);
  }

  TEST_CASE("constant:METRES sets the distance") {
    const Image image = flat_image(8, 6);
    auto estimator = DepthEstimator::load("constant:2.5");
    CHECK(estimator.estimate(image.view()).depth()[7] == 2.5f);
    CHECK(DepthEstimator::load("constant:1e1").estimate(image.view()).depth()[7] == 10.0f);
  }

  TEST_CASE("constant:METRES,DELAY_MS takes its time, every frame") {
    const Image image = flat_image(8, 6);
    auto estimator = DepthEstimator::load("constant:3,20");
    for (int frame = 0; frame < 2; ++frame) {
      depthcloud::StageTimes times;
      CHECK(estimator.estimate(image.view(), &times).depth()[0] == 3.0f);
      CHECK(times[depthcloud::Stage::infer] >= 20.0);
    }
  }

  TEST_CASE("constant is parsed strictly") {
    for (const char* source :
         {"constant:", "constant:,", "constant:,5", "constant:1,", "constant:1,2,3", "constant:0",
          "constant:-1", "constant:nan", "constant:inf", "constant:1e300", "constant: 1",
          "constant:1 ", "constant:1m", "constant:1,-1", "constant:1,60001", "constant:1,x",
          "constant:1, 2"}) {
      CAPTURE(source);
      const std::string error = error_of([&] { DepthEstimator::load(source); });
      CHECK(error.starts_with("invalid_argument load: "));
      CHECK(contains(error, source));
    }
  }

  TEST_CASE("process_res bounds the grid") {
    depthcloud::EstimatorOptions options;
    options.process_res = 64;
    const auto estimator = DepthEstimator::load("constant", options);
    CHECK(estimator.grid(640, 480) == DepthEstimator::Grid{64, 48});
    CHECK(estimator.grid(480, 640) == DepthEstimator::Grid{48, 64});
    CHECK(estimator.grid(32, 24) == DepthEstimator::Grid{32, 24});
    CHECK(estimator.info().process_res == 64);
  }
}
