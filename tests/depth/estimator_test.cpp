// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <stop_token>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/estimator.hpp>

#include "depth/estimator_options.hpp"
#include "depth/flat_image.hpp"
#include "expect_error.hpp"
#include "temp_dir.hpp"

using depthcloud::DepthEstimator;
using depthcloud::DepthMap;
using depthcloud::EstimatorOptions;
using depthcloud::Image;
using depthcloud::ImageView;
using depthcloud::Intrinsics;
using depthcloud::IntrinsicsSource;
using depthcloud::Precision;
using depthcloud::Stage;
using depthcloud::StageTimes;
using depthcloud::test::in;
using depthcloud::test::on;
using depthcloud::test::with_threads;

namespace {

std::string load_error(const EstimatorOptions& options) {
  return error_of([&] { DepthEstimator::load("constant", options); });
}

}  // namespace

TEST_SUITE("estimator") {
  TEST_CASE("a source that nothing reads") {
    const TempDir dir;
    const std::string weights = (dir / "weights.txt").string();
    std::ofstream(weights) << "weights";
    CHECK(error_of([&] { DepthEstimator::load(weights); }).starts_with("unsupported load: "));
    for (const char* source : {"", "Builtin", "constantly", "no/such"}) {
      const std::string error = error_of([&] { DepthEstimator::load(source); });
      CHECK(error.starts_with("not_found load: "));
      CHECK(contains(error, source));
    }
  }

  TEST_CASE("options out of their range") {
    EstimatorOptions options;
    options.process_res = -1;
    CHECK(contains(load_error(options), "process resolution -1"));
    options.process_res = 8193;
    CHECK(load_error(options).starts_with("invalid_argument load: process resolution 8193"));

    options = {};
    options.intrinsics = Intrinsics{0, 100, 50, 50};
    CHECK(load_error(options).starts_with("invalid_argument load: intrinsics fx 0"));
    options.intrinsics->fx = std::numeric_limits<double>::quiet_NaN();
    CHECK(load_error(options).starts_with("invalid_argument load: "));
    options.intrinsics = Intrinsics{100, 100, 50, 50};
    options.fov_degrees = 60;
    CHECK(contains(load_error(options), "both given"));

    for (const double fov : {0.0, -1.0, 180.0, std::numeric_limits<double>::quiet_NaN()}) {
      options = {};
      options.fov_degrees = fov;
      CHECK(load_error(options).starts_with("invalid_argument load: field of view"));
    }
    CHECK(load_error(with_threads(-1)).starts_with("invalid_argument load: -1 threads"));
    CHECK(load_error(with_threads(1025)).starts_with("invalid_argument load: 1025 threads"));
    CHECK(load_error(on("gpu")).starts_with("invalid_argument load: "));
  }

  TEST_CASE("what computes nothing is on the CPU") {
    CHECK(load_error(on("cuda")) == "unavailable load: 'constant' is made on the CPU, not on cuda");
    for (const char* device : {"cpu", "auto"}) {
      auto estimator = DepthEstimator::load("constant:2", on(device));
      CHECK(estimator.info().device == depthcloud::Device{});
      const Image image = flat_image(32, 24);
      CHECK(estimator.estimate(image.view()).device() == depthcloud::Device{});
    }
  }

  TEST_CASE("what computes nothing takes every precision") {
    for (const Precision precision :
         {Precision::f32, Precision::bf16, Precision::f16, Precision::int8}) {
      CHECK(DepthEstimator::load("constant", in(precision)).info().precision == precision);
    }
    CHECK(DepthEstimator::load("constant", in(Precision::automatic)).info().precision ==
          Precision::f32);
  }

  TEST_CASE("intrinsics options reach the depth map") {
    Image image = flat_image(100, 50);
    image.set_photo({200, 100, 150});
    EstimatorOptions options;
    auto estimator = DepthEstimator::load("constant", options);
    CHECK(estimator.estimate(std::as_const(image).view()).info().intrinsics_source ==
          IntrinsicsSource::exif);

    options.fov_degrees = 90;
    estimator = DepthEstimator::load("constant", options);
    DepthMap depth = estimator.estimate(std::as_const(image).view());
    CHECK(depth.info().intrinsics_source == IntrinsicsSource::options);
    CHECK(depth.intrinsics().fx == doctest::Approx(50));

    options = {};
    options.intrinsics = Intrinsics{180, 170, 99, 51};
    estimator = DepthEstimator::load("constant", options);
    depth = estimator.estimate(std::as_const(image).view());
    CHECK(depth.info().intrinsics_source == IntrinsicsSource::options);
    CHECK(depth.intrinsics() == Intrinsics{90, 85, 49.5, 25.5});
  }

  TEST_CASE("a view that cannot be read is refused") {
    auto estimator = DepthEstimator::load("constant");
    CHECK(error_of([&] {
            estimator.estimate(ImageView{});
          }).starts_with("invalid_argument preprocess: "));
    const std::vector<ImageView> views(2);
    CHECK(error_of([&] {
            estimator.estimate_batch(views);
          }).starts_with("invalid_argument preprocess: "));
    CHECK(error_of([&] { estimator.grid(0, 5); }).starts_with("invalid_argument preprocess: "));
    CHECK(error_of([&] { estimator.warm_up(5, -1); }).starts_with("invalid_argument preprocess: "));
  }

  // Under a sanitizer operator new ends the program instead of throwing.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  TEST_CASE("a warm-up that memory cannot hold is an error") {
    auto estimator = DepthEstimator::load("constant");
    const int huge = std::numeric_limits<int>::max();
    CHECK(error_of([&] { estimator.warm_up(huge, huge); }).starts_with("out_of_memory infer: "));
    CHECK_NOTHROW(estimator.warm_up(64, 48));
  }
#endif

  TEST_CASE("images of any size and format have depth") {
    auto estimator = DepthEstimator::load("constant:4");
    const std::pair<int, int> sizes[] = {{1, 1}, {3, 2}, {10000, 1}, {1, 10000}, {505, 504}};
    for (const auto& [width, height] : sizes) {
      for (const auto format : {depthcloud::PixelFormat::gray, depthcloud::PixelFormat::bgra}) {
        const Image image = flat_image(width, height, 9, format);
        const DepthMap depth = estimator.estimate(image.view());
        const DepthEstimator::Grid grid{depth.width(), depth.height()};
        CHECK(grid == estimator.grid(width, height));
        CHECK(depth.host().depth().back() == 4.0f);
      }
    }
  }

  TEST_CASE("stage times are those of preprocessing and inference only") {
    auto estimator = DepthEstimator::load("constant:1,5");
    const Image image = flat_image(64, 48);
    StageTimes times;
    times[Stage::decode] = 7;
    times[Stage::infer] = 1e9;
    estimator.estimate(image.view(), &times);
    CHECK(times[Stage::decode] == 7);
    CHECK(times[Stage::preprocess] > 0);
    CHECK(times[Stage::infer] >= 5);
    CHECK(times[Stage::infer] < 1e9);
    CHECK(times[Stage::cloud] == 0);
  }

  TEST_CASE("a batch gives each image's depth in order, one pass for each grid") {
    auto estimator = DepthEstimator::load("constant:2", on("cpu"));
    std::vector<Image> images;
    for (const auto& [width, height] :
         {std::pair{64, 48}, {48, 64}, {64, 48}, {48, 64}, {10, 10}, {64, 48}}) {
      images.push_back(flat_image(width, height));
    }
    images[2].set_photo({64, 48, 77});
    std::vector<ImageView> views;
    for (const Image& image : images) views.push_back(image.view());

    const std::vector<DepthMap> maps = estimator.estimate_batch(views);
    CHECK(maps.size() == images.size());
    for (std::size_t i = 0; i < maps.size(); ++i) {
      CHECK(maps[i].width() == images[i].width());
      CHECK(maps[i].height() == images[i].height());
      CHECK(maps[i].depth()[0] == 2.0f);
    }
    CHECK(maps[2].info().intrinsics_source == IntrinsicsSource::exif);
    CHECK(maps[2].intrinsics().fx == 77);
    CHECK(maps[0].info().intrinsics_source == IntrinsicsSource::default_fov);
    // The planes of one pass lie next to each other in its output: nothing was copied.
    CHECK(maps[2].depth().data() == maps[0].depth().data() + 64 * 48);
    CHECK(maps[5].depth().data() == maps[2].depth().data() + 64 * 48);
    CHECK(maps[3].depth().data() == maps[1].depth().data() + 48 * 64);
    CHECK(estimator.estimate_batch({}).empty());
  }

  TEST_CASE("a stop ends the pass that runs, and those after it") {
    std::stop_source stop;
    EstimatorOptions options;
    options.stop = stop.get_token();
    auto estimator = DepthEstimator::load("constant:1,60000", options);  // a minute a pass
    const Image image = flat_image(8, 6);
    std::string running;
    std::thread pass([&] { running = error_of([&] { estimator.estimate(image.view()); }); });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stop.request_stop();
    pass.join();
    CHECK(running == "cancelled infer: the estimator was stopped");
    const ImageView views[] = {image.view(), image.view()};
    CHECK(error_of([&] { estimator.estimate(image.view()); }).starts_with("cancelled infer"));
    CHECK(error_of([&] { estimator.estimate_batch(views); }).starts_with("cancelled infer"));
    CHECK(error_of([&] { estimator.warm_up(8, 6); }).starts_with("cancelled infer"));
    CHECK(estimator.grid(8, 6) == DepthEstimator::Grid{8, 6});
  }

  TEST_CASE("a depth map outlives its estimator") {
    DepthMap depth;
    {
      auto estimator = DepthEstimator::load("constant:6", on("cpu"));
      const Image image = flat_image(64, 48);
      depth = estimator.estimate(image.view());
    }
    CHECK(depth.depth()[64 * 48 - 1] == 6.0f);
  }

  TEST_CASE("threads may share an estimator") {
    auto estimator = DepthEstimator::load("constant:5", on("cpu"));
    std::vector<std::thread> threads;
    std::vector<float> results(4);
    for (float& result : results) {
      threads.emplace_back([&] {
        const Image image = flat_image(64, 48);
        for (int frame = 0; frame < 20; ++frame) {
          result += estimator.estimate(image.view()).depth()[17];
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const float result : results) CHECK(result == 100.0f);
  }
}
