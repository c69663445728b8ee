// SPDX-License-Identifier: Apache-2.0
#include "depth/metric_model.hpp"

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/error.hpp>

#include "depth/flat_image.hpp"
#include "depth/models.hpp"
#include "expect_error.hpp"

using depthcloud::add_metres;
using depthcloud::ConfidenceRange;
using depthcloud::DepthMap;
using depthcloud::DepthModel;
using depthcloud::EstimatorOptions;
using depthcloud::Grid;
using depthcloud::Image;
using depthcloud::ImageView;
using depthcloud::Intrinsics;
using depthcloud::IntrinsicsSource;
using depthcloud::MetresSource;
using depthcloud::ModelInfo;
using depthcloud::Stage;
using depthcloud::StageTimes;
using depthcloud::ViewsOptions;

namespace {

constexpr int width = 28, height = 14;

ModelInfo info_of(const std::string& name) {
  ModelInfo info;
  info.name = name;
  info.architecture = name + " network";
  info.license = "Apache-2.0";
  info.parameters = 10;
  info.memory_bytes = 40;
  return info;
}

/// A room from 1 to 3 m, below a sky in the first two rows.
float metres_at(int x, int y) { return y < 2 ? 50 : 1 + 2 * static_cast<float>(x) / (width - 1); }

/// A multi-view network of which every pass has a unit of its own.
class AnyView final : public DepthModel {
 public:
  explicit AnyView(std::vector<double> metres_of_unit) : units_(std::move(metres_of_unit)) {
    info_ = info_of("any");
    info_.multi_view = true;
    info_.confidence = ConfidenceRange{1, 100};
  }

  const ModelInfo& info() const override { return info_; }
  Grid grid(int, int) const override { return {width, height}; }
  void warm_up(const ImageView&) override { ++warm_ups; }

  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes& times) override {
    times[Stage::infer] += 1;
    std::vector<DepthMap> maps;
    for (std::size_t i = 0; i < images.size(); ++i) maps.push_back(map(next_unit()));
    return maps;
  }

  std::vector<DepthMap> estimate_views(std::span<const ImageView> views, const ViewsOptions&,
                                       StageTimes& times) override {
    times[Stage::infer] += 1;
    return std::vector<DepthMap>(views.size(), map(next_unit()));
  }

  IntrinsicsSource camera = IntrinsicsSource::model;
  int warm_ups = 0;

 private:
  double next_unit() { return units_[passes_++ % units_.size()]; }

  DepthMap map(double unit) const {
    depthcloud::DepthPlanes planes;
    for (int i = 0; i < width * height; ++i) {
      planes.depth.push_back(static_cast<float>(metres_at(i % width, i / width) / unit));
      planes.confidence.push_back(5);
    }
    return {width,
            height,
            std::move(planes),
            {.intrinsics = {30, 20, width / 2.0, height / 2.0},
             .intrinsics_source = camera,
             .extrinsics = {{1, 0, 0, 1, 0, 1, 0, -2, 0, 0, 1, 0.5}}}};
  }

  std::vector<double> units_;
  std::size_t passes_ = 0;
  ModelInfo info_;
};

/// Depth that becomes metres by the focal length of the photo, which should be 25 pixels of the
/// grid.
class Metric final : public DepthModel {
 public:
  Metric() {
    info_ = info_of("metric");
    info_.metric = info_.sky = true;
  }

  const ModelInfo& info() const override { return info_; }
  Grid grid(int, int) const override { return size; }
  void warm_up(const ImageView&) override { ++warm_ups; }

  std::vector<DepthMap> estimate(std::span<const ImageView> images, StageTimes&) override {
    REQUIRE(images.size() == 1);
    ++passes;
    const auto& photo = images.front().photo;
    focal_px = photo.focal_px;
    depthcloud::DepthPlanes planes;
    for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x) {
        const int of_room_x = x * width / size.width, of_room_y = y * height / size.height;
        planes.depth.push_back(static_cast<float>(metres_at(of_room_x, of_room_y) * factor));
        planes.sky.push_back(all_sky || of_room_y < 2 ? 1 : 0);
      }
    }
    return {{size.width,
             size.height,
             std::move(planes),
             {.intrinsics = {25, 25, 14, 7},
              .intrinsics_source = IntrinsicsSource::exif,
              .metric = knows_focal_length || photo.focal_px > 0}}};
  }

  std::vector<DepthMap> estimate_views(std::span<const ImageView>, const ViewsOptions&,
                                       StageTimes&) override {
    depthcloud::refuse_views(info_);
  }

  ModelInfo info_;
  Grid size{width, height};
  double factor = 1;
  double focal_px = 0;
  bool all_sky = false;
  bool knows_focal_length = false;
  int passes = 0;
  int warm_ups = 0;
};

/// Both, as one model, and a picture with texture.
struct Pair {
  explicit Pair(std::vector<double> units = {1}, const EstimatorOptions& options = {}) {
    auto own_any = std::make_unique<AnyView>(std::move(units));
    auto own_metric = std::make_unique<Metric>();
    any = own_any.get();
    metric = own_metric.get();
    model = add_metres(std::move(own_any), std::move(own_metric), options);
    for (int i = 0; i < image.stride() * image.height(); ++i) {
      image.data()[i] = static_cast<std::uint8_t>(i / 12 * 37);
    }
  }

  DepthMap estimate() {
    const ImageView view = std::as_const(image).view();
    return model->estimate({&view, 1}, times).front();
  }

  AnyView* any;
  Metric* metric;
  std::unique_ptr<DepthModel> model;
  Image image = flat_image(4 * width, 4 * height);
  StageTimes times;
};

EstimatorOptions every(int frames) {
  EstimatorOptions options;
  options.metric_interval = frames;
  return options;
}

void check_metres(const DepthMap& map) {
  CHECK(map.is_metric());
  CHECK(map.info().metres_source == MetresSource::metric_model);
  for (const int x : {0, 13, 27}) {
    CHECK(map.depth()[static_cast<std::size_t>(5 * width + x)] ==
          doctest::Approx(metres_at(x, 5)).epsilon(1e-5));
  }
}

}  // namespace

TEST_SUITE("depth") {
  TEST_CASE("metric model: depth, poses and sky of one view are in metres") {
    Pair pair({0.25});
    const DepthMap map = pair.estimate();
    check_metres(map);
    const auto& pose = *map.info().extrinsics;
    CHECK(pose[3] == doctest::Approx(0.25));
    CHECK(pose[7] == doctest::Approx(-0.5));
    CHECK(pose[11] == doctest::Approx(0.125));
    CHECK(pose[0] == 1);
    CHECK(map.intrinsics() == Intrinsics{30, 20, 14, 7});
    REQUIRE_FALSE(map.sky().empty());
    CHECK(map.sky()[0] == 1);
    CHECK(map.sky()[5 * width] == 0);
    CHECK(map.depth()[0] == doctest::Approx(3).epsilon(0.02));  // the farthest that is not sky
    CHECK(map.confidence()[0] == 1);
    CHECK(map.confidence()[5 * width] == 5);
  }

  TEST_CASE("metric model: the metric network has the focal length of the other") {
    Pair pair;
    pair.estimate();
    // (30 + 20) / 2 pixels of the grid; the photo has four times as many
    CHECK(pair.metric->focal_px == doctest::Approx(100));
    EstimatorOptions options;
    options.fov_degrees = 60;
    Pair told({1}, options);
    told.metric->knows_focal_length = true;
    check_metres(told.estimate());
    CHECK(told.metric->focal_px == 0);
  }

  TEST_CASE("metric model: several views have one scale") {
    Pair pair({0.5, 4});
    const ImageView view = std::as_const(pair.image).view();
    const std::vector<ImageView> views(3, view);
    const auto maps = pair.model->estimate_views(views, {}, pair.times);
    REQUIRE(maps.size() == 3);
    for (const DepthMap& map : maps) check_metres(map);
    CHECK((*maps[2].info().extrinsics)[3] == doctest::Approx(0.5));
    CHECK(pair.metric->passes == 3);
    const ViewsOptions known{.cameras = {3, depthcloud::KnownCamera{}}};
    CHECK(contains(error_of([&] { pair.model->estimate_views(views, known, pair.times); }),
                   "known cameras set the unit"));
  }

  TEST_CASE("metric model: frames whose unit jumps twofold keep their metres") {
    Pair pair({1, 2, 0.5, 4, 1});
    for (int i = 0; i < 10; ++i) check_metres(pair.estimate());
    CHECK(pair.metric->passes == 10);

    Pair carried({1, 2, 0.5, 4, 1}, every(4));
    for (int i = 0; i < 12; ++i) {
      const DepthMap map = carried.estimate();
      check_metres(map);
      CHECK(map.sky().empty() == (i % 4 != 0));
    }
    CHECK(carried.metric->passes == 3);
  }

  TEST_CASE("metric model: another scene is seen by the metric network at once") {
    Pair pair({1, 2}, every(1000));
    pair.estimate();
    pair.estimate();
    CHECK(pair.metric->passes == 1);
    for (int i = 0; i < pair.image.stride() * pair.image.height(); ++i) {
      pair.image.data()[i] = static_cast<std::uint8_t>(i / 20 * 101);
    }
    check_metres(pair.estimate());
    CHECK(pair.metric->passes == 2);
    pair.image = flat_image(4 * width, 4 * height);  // a wall: no frame can be told from another
    check_metres(pair.estimate());
    check_metres(pair.estimate());
    CHECK(pair.metric->passes == 4);
  }

  TEST_CASE("metric model: its time is a stage of its own") {
    Pair pair;
    pair.estimate();
    CHECK(pair.times[Stage::metric] > 0);
    CHECK(pair.times[Stage::infer] == 1);
    CHECK(pair.times[Stage::preprocess] == 0);
  }

  TEST_CASE("metric model: a metric network of another grid is laid on that of the other") {
    Pair pair({0.5});
    for (const Grid& size : {Grid{56, 28}, Grid{14, 7}}) {
      pair.metric->size = size;
      const DepthMap map = pair.estimate();
      CHECK(map.is_metric());
      CHECK(map.depth()[5 * width + 13] == doctest::Approx(metres_at(13, 5)).epsilon(0.05));
      CHECK(map.sky()[0] == 1);
      CHECK(map.sky()[3 * width] == 0);
    }
  }

  TEST_CASE("metric model: where no scale is found, depth keeps its unit") {
    Pair pair({0.5});
    const auto check_relative = [&] {
      const DepthMap map = pair.estimate();
      CHECK_FALSE(map.is_metric());
      CHECK(map.info().metres_source == MetresSource::unknown);
      CHECK(map.depth()[5 * width] == doctest::Approx(2));
    };
    pair.metric->all_sky = true;
    check_relative();
    pair.metric->all_sky = false;
    pair.metric->factor = 1e-6;
    check_relative();
    pair.metric->factor = 1;
    pair.any->camera = IntrinsicsSource::default_fov;  // no focal length is known
    check_relative();
    pair.any->camera = IntrinsicsSource::model;
    check_metres(pair.estimate());
  }

  TEST_CASE("metric model: it tells what it is") {
    Pair pair;
    const ModelInfo& info = pair.model->info();
    CHECK(info.name == "any");
    CHECK(info.metric_model == "metric");
    CHECK(info.metric);
    CHECK(info.sky);
    CHECK(info.multi_view);
    CHECK(info.parameters == 20);
    CHECK(info.memory_bytes == 80);
    CHECK(info.architecture == "any network; in metres by metric network");
    CHECK(info.license == "Apache-2.0");
    const ImageView view = std::as_const(pair.image).view();
    pair.model->warm_up(view);
    CHECK(pair.any->warm_ups == 1);
    CHECK(pair.metric->warm_ups == 1);
  }

  TEST_CASE("metric model: what does not fit is named") {
    ModelInfo info = info_of("net");
    info.metric = true;
    const auto refused = [&] { return error_of([&] { depthcloud::check_takes_metres(info); }); };
    CHECK(contains(refused(), "invalid_argument load: 'net' gives metres itself"));
    info.metric = false;
    CHECK(contains(refused(), "'net' estimates no camera with confidence"));
    info.multi_view = true;
    CHECK(contains(refused(), "'net' estimates no camera with confidence"));
    info.confidence = ConfidenceRange{1, 2};
    CHECK(refused() == "nothing");

    const auto with = [](auto change) {
      auto metric = std::make_unique<Metric>();
      change(metric->info_);
      return error_of([&] {
        add_metres(std::make_unique<AnyView>(std::vector<double>{1}), std::move(metric), {});
      });
    };
    CHECK(contains(with([](ModelInfo& own) { own.metric = false; }),
                   "the metric model 'metric' gives no metres"));
    CHECK(contains(with([](ModelInfo& own) { own.sky = false; }), "does not tell the sky"));
  }

  TEST_CASE("metric model: options that do not go together are refused") {
    EstimatorOptions options;
    options.metric_model = "constant";
    const auto loading = [&](const char* source) {
      return error_of([&] { depthcloud::DepthEstimator::load(source, options); });
    };
    CHECK(contains(loading("constant"), "'constant' gives metres itself"));
    options.metric_model.clear();
    options.metric_interval = 2;
    CHECK(contains(loading("constant"), "no metric model"));
    for (const int interval : {0, -1, 1001}) {
      options.metric_interval = interval;
      CHECK(contains(loading("constant"), "not between 1 and 1000"));
    }
    options.metric_interval = 1;
    for (const double threshold : {0.0, -1.0, std::nan("")}) {
      options.sky_threshold = threshold;
      CHECK(contains(loading("constant"), "sky threshold"));
    }
  }
}
