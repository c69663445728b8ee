// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/golden.hpp"

#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <depthcloud/estimator.hpp>

#include "depth/moge/geometry.hpp"
#include "depth/moge/recover.hpp"
#include "expect_error.hpp"
#include "temp_dir.hpp"

namespace depthcloud {
namespace {

using test::check_golden;
using test::golden_path;
using test::GoldenCase;
using test::GoldenPhoto;
using test::moge_cases;
using test::planes_first;

/// A checkpoint folder of a micro model.
class Checkpoint {
 public:
  explicit Checkpoint(const std::string& model) {
    std::filesystem::copy_file(golden_path(model + ".weights.safetensors"),
                               dir_ / "model.safetensors");
    std::filesystem::copy_file(golden_path(model + ".config.json"), dir_ / "config.json");
  }
  DepthEstimator load(EstimatorOptions options = {}) const {
    options.device = "cpu";
    return DepthEstimator::load(dir_.path().string(), options);
  }

 private:
  TempDir dir_;
};

int tokens_of(const GoldenCase& golden) {
  return static_cast<int>(golden("num_tokens").item<std::int64_t>());
}

at::Tensor to_tensor(std::span<const float> values) {
  return at::tensor(at::ArrayRef<float>(values.data(), values.size()));
}

/// The reference's depth with 0 in place of infinity where there is none.
at::Tensor depth_of(const GoldenCase& golden, const std::string& kind) {
  return golden(kind + ".depth").masked_fill(golden(kind + ".mask").logical_not(), 0);
}

/// CHECKs a depth map against `kind` of the reference: "auto" or "fov".
void check_depth(const DepthMap& map, const GoldenCase& golden, const std::string& kind) {
  CHECK(map.is_metric());
  check_golden(to_tensor(map.depth()), depth_of(golden, kind), kind + " depth");
  if (golden.has(kind + ".intrinsics")) {
    const double fx = golden(kind + ".intrinsics")[0][0].item<double>() * map.width();
    CHECK(map.intrinsics().fx == doctest::Approx(fx).epsilon(1e-4));
    CHECK(map.intrinsics().fy == doctest::Approx(fx).epsilon(1e-4));
  }
}

}  // namespace

TEST_SUITE("moge") {
  TEST_CASE("focal length and shift are those of the reference, trial by trial") {
    for (const char* name : {"plain_40x60", "mask_71x45", "known_60x34", "up_30x40",
                             "step_back_48x48", "noisy_40x50", "one_40x40", "none_known_40x40"}) {
      CAPTURE(name);
      const GoldenCase golden("moge2_recover", name);
      std::optional<double> known;
      if (golden.has("known_focal")) known = golden("known_focal").item<double>();
      const at::Tensor mask = golden.has("mask") ? golden("mask") : at::Tensor{};
      const FocalShift found =
          recover_focal_shift(take_samples(planes_first(golden("points")), mask), known);
      CHECK(found.focal == doctest::Approx(golden("focal").item<double>()).epsilon(1e-5));
      CHECK(found.shift == doctest::Approx(golden("shift").item<double>()).epsilon(1e-5));
      if (!golden.has("trace")) continue;
      const at::Tensor trace = golden("trace");
      REQUIRE(static_cast<std::int64_t>(found.trials.size()) == trace.numel());
      for (std::size_t i = 0; i < found.trials.size(); ++i) {
        CHECK(found.trials[i] ==
              doctest::Approx(trace[static_cast<std::int64_t>(i)].item<double>()).epsilon(1e-4));
      }
    }
  }

  TEST_CASE("depth, mask and normals of crafted outputs, with points behind the camera") {
    const GoldenCase golden("moge2_recover", "post_16x20");
    const MogeGeometry geometry =
        to_geometry({planes_first(golden("points")), golden("mask_prob"),
                     planes_first(golden("normal")), golden("metric_scale")},
                    {});
    CHECK((geometry.depth > 0).equal(golden("auto.mask")));
    check_golden(geometry.depth, depth_of(golden, "auto"), "depth");
    check_golden(geometry.normals, golden("auto.normal"), "normals");
    REQUIRE(geometry.camera);
    const double fx = golden("auto.intrinsics")[0][0].item<double>() * 20;
    CHECK(geometry.camera->fx == doctest::Approx(fx).epsilon(1e-5));
    CHECK(geometry.camera->cx == 9.5);
    CHECK(geometry.camera->cy == 7.5);
  }

  TEST_CASE("a point map of no camera is measured with the default field of view") {
    const at::Tensor z = at::full({8, 10}, 2.0F);
    const at::Tensor x = at::linspace(1, -1, 10).view({1, 10}).expand({8, 10});  // mirrored
    const at::Tensor y = at::linspace(1, -1, 8).view({8, 1}).expand({8, 10});
    const MogeGeometry geometry = to_geometry({at::stack({x, y, z}), {}, {}, {}}, {});
    CHECK_FALSE(geometry.camera);
    CHECK(focal_of(Intrinsics::from_fov(60, 10, 8), {10, 8}) ==
          doctest::Approx(geometry.fit.focal));
  }

  TEST_CASE("photos of the reference, with the photo's own camera") {
    for (const auto& [model, name] : moge_cases) {
      CAPTURE(name);
      const GoldenCase golden(model, name);
      const GoldenPhoto photo(golden);
      DepthEstimator estimator = Checkpoint(model).load({.tokens = tokens_of(golden)});
      const DepthMap map = estimator.estimate(photo.view());
      CHECK(map.width() == photo.size().width);
      CHECK(map.info().intrinsics_source == IntrinsicsSource::model);
      CHECK(map.intrinsics().cx == map.width() * 0.5 - 0.5);
      CHECK(map.intrinsics().cy == map.height() * 0.5 - 0.5);
      check_depth(map, golden, "auto");
      CHECK(map.normals().empty());
    }
  }

  TEST_CASE("a known field of view steers the depth, and so does that of EXIF") {
    for (const auto& [model, name] : moge_cases) {
      const GoldenCase golden(model, name);
      if (!golden.has("fov.depth")) continue;
      CAPTURE(name);
      const GoldenPhoto photo(golden);
      const double fov = golden("fov.fov_x").item<double>();
      const Checkpoint checkpoint(model);
      DepthEstimator steered = checkpoint.load({.tokens = tokens_of(golden), .fov_degrees = fov});
      const DepthMap map = steered.estimate(photo.view());
      CHECK(map.info().intrinsics_source == IntrinsicsSource::options);
      check_depth(map, golden, "fov");

      ImageView with_exif = photo.view();
      with_exif.photo.width = with_exif.width;
      with_exif.photo.height = with_exif.height;
      with_exif.photo.focal_px = Intrinsics::from_fov(fov, with_exif.width, with_exif.height).fx;
      const DepthMap of_exif = checkpoint.load({.tokens = tokens_of(golden)}).estimate(with_exif);
      CHECK(of_exif.info().intrinsics_source == IntrinsicsSource::exif);
      check_depth(of_exif, golden, "fov");
    }
  }

  TEST_CASE("normals are computed where they are asked for") {
    const GoldenCase golden("moge2_micro", "land_42x56");
    const GoldenPhoto photo(golden);
    const Checkpoint checkpoint("moge2_micro");
    DepthEstimator estimator = checkpoint.load({.tokens = 12, .normals = true});
    CHECK(estimator.info().normals);
    const DepthMap map = estimator.estimate(photo.view());
    REQUIRE(map.normals().size() == 3 * map.depth().size());
    check_golden(to_tensor(map.normals()), golden("auto.normal"), "normals");
    CHECK(estimator.info().memory_bytes > checkpoint.load({.tokens = 12}).info().memory_bytes);

    const Checkpoint without("moge2_micro_nonormal");
    DepthEstimator none = without.load({.normals = true});
    CHECK_FALSE(none.info().normals);
    CHECK(none.estimate(photo.view()).normals().empty());
  }

  TEST_CASE("tokens, level and process_res decide what the network sees") {
    const GoldenPhoto photo(GoldenCase("moge2_micro", "land_42x56"));
    const Checkpoint checkpoint("moge2_micro");
    const auto depth = [&](const EstimatorOptions& options) {
      return to_tensor(checkpoint.load(options).estimate(photo.view()).depth());
    };
    const at::Tensor lowest = depth({});  // the default of a CPU
    CHECK(checkpoint.load().info().tokens == 8);
    CHECK(depth({.resolution_level = 0}).equal(lowest));
    CHECK(depth({.tokens = 8}).equal(lowest));
    const at::Tensor highest = depth({.resolution_level = 9});
    CHECK_FALSE(highest.equal(lowest));
    CHECK(depth({.tokens = 15}).equal(highest));
    CHECK(depth({.process_res = 56}).equal(depth({.tokens = 12})));
    CHECK(checkpoint.load({.process_res = 56}).info().process_res == 56);
  }

  TEST_CASE("options that contradict each other or are out of range are errors") {
    const Checkpoint checkpoint("moge2_micro");
    const auto error = [&](const EstimatorOptions& options) {
      return error_of([&] { checkpoint.load(options); });
    };
    CHECK(error({.tokens = 40'001}) ==
          "invalid_argument load: 40001 tokens are not between 0 and 40000");
    CHECK(contains(error({.resolution_level = 10}), "resolution level 10 is not between 0 and 9"));
    CHECK(contains(error({.process_res = 56, .tokens = 8}), "more than one of"));
    CHECK(contains(error({.tokens = 8, .resolution_level = 0}), "more than one of"));
    DepthEstimator large = checkpoint.load({.process_res = 8192});
    CHECK(contains(error_of([&] { large.grid(100, 100); }), "limit_exceeded preprocess"));
  }

  TEST_CASE("images of a batch and alone give the same") {
    const GoldenPhoto photo(GoldenCase("moge2_micro", "land_42x56"));
    DepthEstimator estimator = Checkpoint("moge2_micro").load({.tokens = 12, .normals = true});
    const DepthMap alone = estimator.estimate(photo.view());
    const std::vector<ImageView> images = {photo.view(), photo.view()};
    for (const DepthMap& map : estimator.estimate_batch(images)) {
      check_golden(to_tensor(map.depth()), to_tensor(alone.depth()), "depth");
      check_golden(to_tensor(map.normals()), to_tensor(alone.normals()), "normals");
    }
  }

  TEST_CASE("images of any shape get a depth map") {
    DepthEstimator estimator = Checkpoint("moge2_micro").load({.tokens = 8});
    for (const auto& [width, height] : {std::pair{1, 1}, {1000, 1}, {1, 300}, {3, 2}}) {
      CHECK(estimator.grid(width, height) == DepthEstimator::Grid{width, height});
      Image image(width, height, PixelFormat::gray);
      std::fill_n(image.data(), static_cast<std::size_t>(image.stride()) * height, 90);
      CHECK(estimator.estimate(std::as_const(image).view()).width() == width);
    }
  }

  TEST_CASE("statistics of other photos than ImageNet's are refused") {
    const TempDir dir;
    auto bytes = read_file(golden_path("moge2_micro.weights.safetensors"));
    const WeightsFile file = WeightsFile::open(golden_path("moge2_micro.weights.safetensors"));
    const auto mean = file.find("encoder.image_mean");
    REQUIRE(mean);
    const std::vector<std::uint8_t> value(mean->bytes.begin(), mean->bytes.begin() + 12);
    const auto found = std::search(bytes.begin(), bytes.end(), value.begin(), value.end());
    REQUIRE(found != bytes.end());
    *(found + 3) ^= 0x80;  // the sign
    write_file(dir / "model.safetensors", bytes);
    std::filesystem::copy_file(golden_path("moge2_micro.config.json"), dir / "config.json");
    CHECK(contains(error_of([&] { DepthEstimator::load(dir.path().string(), {.device = "cpu"}); }),
                   "tensor 'encoder.image_mean'"));
  }
}

}  // namespace depthcloud
