// SPDX-License-Identifier: Apache-2.0
#include "depth/golden.hpp"

#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <depthcloud/files.hpp>

#include "depth/backend_registry.hpp"
#include "depth/depth_anything_preprocess.hpp"
#include "expect_error.hpp"
#include "temp_dir.hpp"

namespace depthcloud {

extern const BackendEntry depth_anything_backend;

namespace {

using test::check_golden;
using test::golden_path;
using test::GoldenCase;

/// A checkpoint directory as it is published.
class Checkpoint {
 public:
  explicit Checkpoint(const std::string& model) : path_(dir_.path() / model) {
    std::filesystem::create_directory(path_);
    std::filesystem::copy_file(golden_path(model + ".weights.safetensors"),
                               path_ / "model.safetensors");
    std::filesystem::copy_file(golden_path(model + ".config.json"), path_ / "config.json");
  }
  std::unique_ptr<DepthBackend> load(const BackendOptions& options = {}) const {
    return depth_anything_backend.load(path_.string(), options);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  TempDir dir_;
  std::filesystem::path path_;
};

Prediction infer(DepthBackend& backend, const at::Tensor& images,
                 const std::optional<Intrinsics>& intrinsics = {}) {
  const auto count = static_cast<std::size_t>(images.size(0));
  return backend.infer({images, std::vector<std::optional<Intrinsics>>(count, intrinsics)});
}

/// Infers the image of a golden case.
Prediction infer(const std::string& model, const GoldenCase& golden,
                 const std::optional<Intrinsics>& intrinsics = {}) {
  return infer(*Checkpoint(model).load(), golden.images()[0], intrinsics);
}

Image striped_image(int width, int height) {
  Image image(width, height, PixelFormat::rgb);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < image.stride(); ++x) {
      image.data()[y * image.stride() + x] = static_cast<std::uint8_t>(7 * x + 3 * y);
    }
  }
  return image;
}

}  // namespace

TEST_SUITE("backend_depth_anything") {
  TEST_CASE("directories and safetensors files are its sources") {
    const Checkpoint checkpoint("da3_micro");
    CHECK(depth_anything_backend.reads(checkpoint.path().string()));
    CHECK(depth_anything_backend.reads("weights.safetensors"));
    CHECK_FALSE(depth_anything_backend.reads("weights.pt"));
    CHECK_FALSE(depth_anything_backend.reads("builtin"));
    CHECK_FALSE(depth_anything_backend.reads("no/such/directory"));
  }

  TEST_CASE("the file in a directory is read with its config.json") {
    const Checkpoint checkpoint("da3_micro");
    const auto backend =
        depth_anything_backend.load((checkpoint.path() / "model.safetensors").string(), {});
    CHECK(backend->info().parameters == checkpoint.load()->info().parameters);
  }

  TEST_CASE("it tells what it is") {
    const ModelInfo info = Checkpoint("da3_micro").load()->info();
    CHECK(info.backend == "depth_anything");
    CHECK(info.parameters > 300'000);
    CHECK(info.process_res == 504);
    CHECK_FALSE(info.metric);
    CHECK(Checkpoint("da2metric_micro").load()->info().metric);
  }

  TEST_CASE("a directory without a checkpoint, and a file that is none, are errors") {
    const TempDir dir;
    CHECK(contains(error_of([&] { depth_anything_backend.load(dir.path().string(), {}); }),
                   "not_found"));
    const auto file = dir.path() / "torn.safetensors";
    write_file(file, std::vector<std::uint8_t>{1, 2, 3});
    CHECK(contains(error_of([&] { depth_anything_backend.load(file.string(), {}); }), "bad_model"));
  }

  TEST_CASE("the grid and the input follow the options") {
    const Checkpoint checkpoint("da3_micro");
    CHECK(checkpoint.load()->grid(640, 480) == Grid{504, 378});
    BackendOptions options;
    options.process_res = 112;
    CHECK(checkpoint.load(options)->grid(640, 480) == Grid{112, 84});
    options.resize_method = ResizeMethod::lower_bound_resize;
    CHECK(checkpoint.load(options)->grid(640, 480) == Grid{154, 112});

    const Image image = striped_image(64, 48);
    const Grid grid{112, 84};
    options.resize_method = ResizeMethod::upper_bound_resize;
    const at::Tensor input = checkpoint.load(options)->prepare(image.view(), grid);
    const PreparedImage expected = prepare_da3(image.view(), 112);
    CHECK((input.sizes() == at::IntArrayRef({3, 84, 112})));
    CHECK(std::equal(expected.planes.data(), expected.planes.data() + input.numel(),
                     input.data_ptr<float>()));
  }

  TEST_CASE("the size of V2 is that of the shorter side") {
    const Checkpoint checkpoint("da2_micro");
    CHECK(checkpoint.load()->grid(640, 480) == Grid{686, 518});
    BackendOptions options;
    options.process_res = 84;
    const Image image = striped_image(64, 48);
    const auto backend = checkpoint.load(options);
    const Grid grid = backend->grid(64, 48);
    const at::Tensor input = backend->prepare(image.view(), grid);
    const PreparedImage expected = prepare_da2(image.view(), 84);
    CHECK(std::equal(expected.planes.data(), expected.planes.data() + input.numel(),
                     input.data_ptr<float>()));
  }

  TEST_CASE("any-view: depth, confidence and camera") {
    const GoldenCase golden("da3_micro", "n1_56x84");
    const Prediction prediction = infer("da3_micro", golden);
    check_golden(prediction.depth, golden("depth"), "depth");
    check_golden(prediction.confidence, golden("depth_conf"), "confidence");
    CHECK_FALSE(prediction.sky.defined());
    const ViewInfo& view = prediction.views.at(0);
    CHECK_FALSE(view.metric);
    const at::Tensor k = golden("intrinsics").view({3, 3});
    CHECK(view.intrinsics->fx == doctest::Approx(k[0][0].item<double>()).epsilon(1e-5));
    CHECK(view.intrinsics->fy == doctest::Approx(k[1][1].item<double>()).epsilon(1e-5));
    CHECK(view.intrinsics->cx == 42);
    CHECK(view.intrinsics->cy == 28);
    const at::Tensor pose = golden("extrinsics").view({12});
    for (std::int64_t i = 0; i < 12; ++i) {
      CHECK(view.extrinsics->at(static_cast<std::size_t>(i)) ==
            doctest::Approx(pose[i].item<double>()).epsilon(1e-4));
    }
  }

  TEST_CASE("images of a batch do not see each other") {
    const Checkpoint checkpoint("da3_micro");
    const auto backend = checkpoint.load();
    const at::Tensor pair = GoldenCase("da3_micro", "n2_70x84").images()[0];
    const Prediction both = infer(*backend, pair);
    for (std::int64_t i = 0; i < 2; ++i) {
      check_golden(both.depth[i], infer(*backend, pair.narrow(0, i, 1)).depth, "alone");
    }
    CHECK(both.views.size() == 2);
  }

  TEST_CASE("metric with a known focal length is in metres, else raw") {
    const GoldenCase golden("da3mono_micro", "n1_84x112");
    const Checkpoint checkpoint("da3mono_micro");
    const auto backend = checkpoint.load();
    CHECK(backend->info().metric);
    const Prediction raw = infer(*backend, golden.images()[0]);
    check_golden(raw.depth, golden("depth"), "raw");
    CHECK_FALSE(raw.views.at(0).metric);
    const at::Tensor k = golden("metric_intrinsics").view({3, 3});
    const Intrinsics known{k[0][0].item<double>(), k[1][1].item<double>(), 56, 42};
    const Prediction metres = infer(*backend, golden.images()[0], known);
    check_golden(metres.depth, golden("metric_depth"), "metres");
    CHECK(metres.views.at(0).metric);
  }

  TEST_CASE("sky is a mask of zeros and ones") {
    const GoldenCase golden("da3mono_micro", "n1_56x84");
    const Prediction prediction = infer("da3mono_micro", golden);
    CHECK((prediction.sky.scalar_type() == at::kByte));
    CHECK(prediction.sky.equal((golden("sky")[0] >= 0.5).to(at::kByte)));
  }

  TEST_CASE("V2: relative depth is the inverse of what the network says, zero is no depth") {
    const GoldenCase golden("da2_micro", "n1_56x84");
    const at::Tensor inverse = golden("depth");
    const at::Tensor depth = infer("da2_micro", golden).depth;
    check_golden(depth.reciprocal(), inverse, "inverse");
    CHECK(depth.isinf().equal(inverse == 0));
  }

  TEST_CASE("V2: metric depth is in metres whatever the camera") {
    const GoldenCase golden("da2metric_micro", "n1_56x84");
    const Prediction prediction = infer("da2metric_micro", golden);
    check_golden(prediction.depth, golden("depth"), "metres");
    CHECK(prediction.views.at(0).metric);
  }
}

}  // namespace depthcloud
