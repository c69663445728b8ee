// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "torch_doctest.hpp"

#include <torch/csrc/jit/serialization/pickle.h>

#include <depthcloud/estimator.hpp>
#include <depthcloud/files.hpp>
#include <depthcloud/log.hpp>

#include "depth/bf16.hpp"
#include "depth/flat_image.hpp"
#include "expect_error.hpp"
#include "temp_dir.hpp"

using depthcloud::DepthEstimator;
using depthcloud::DepthMap;
using depthcloud::EstimatorOptions;
using depthcloud::Image;
using depthcloud::ImageView;
using depthcloud::IntrinsicsSource;
using depthcloud::Precision;

namespace {

/// Modules in files that go away with the test.
class Models {
 public:
  /// A module with one parameter `bias` (1) and a buffer `index` (int64), saved to a file.
  std::string save(const std::string& forward, const std::string& json = "") {
    torch::jit::Module module("Model");
    module.register_parameter("bias", at::ones({1}), false);
    module.register_buffer("index", at::zeros({1}, at::kLong));
    module.define(forward);
    torch::jit::ExtraFilesMap extra;
    if (!json.empty()) extra["depthcloud.json"] = json;
    const std::string path = (dir_ / ("model" + std::to_string(count_++) + ".pt")).string();
    module.save(path, extra);
    return path;
  }
  std::filesystem::path operator/(const std::string& name) const { return dir_ / name; }

 private:
  TempDir dir_;
  int count_ = 0;
};

EstimatorOptions on_cpu() {
  EstimatorOptions options;
  options.device = "cpu";
  return options;
}

DepthMap depth_of(const std::string& model, const Image& image,
                  const EstimatorOptions& options = on_cpu()) {
  auto estimator = DepthEstimator::load(model, options);
  return estimator.estimate(image.view());
}

std::string estimate_error(const std::string& model) {
  auto estimator = DepthEstimator::load(model, on_cpu());
  const Image image = flat_image(8, 6);
  return error_of([&] { estimator.estimate(image.view()); });
}

std::string load_error(const std::string& source) {
  return error_of([&] { DepthEstimator::load(source, on_cpu()); });
}

constexpr const char* mean_depth = R"(
def forward(self, x):
    return x.mean([1]) + self.bias
)";

}  // namespace

TEST_SUITE("torchscript") {
  TEST_CASE("the input is RGB from 0 to 1, [B, 3, H, W]; a depth tensor is enough") {
    Models models;
    const std::string model = models.save(R"(
def forward(self, x):
    return x[:, 0] + 10 * x[:, 1] + 100 * x[:, 2] + 1000 * x.size(0)
)");
    Image image = flat_image(8, 6, 0, depthcloud::PixelFormat::bgr);
    image.data()[0] = 51;       // blue
    image.data()[3 + 1] = 102;  // green
    image.data()[6 + 2] = 255;  // red
    const DepthMap depth = depth_of(model, image);
    CHECK(depth.width() == 8);
    CHECK(depth.height() == 6);
    CHECK(depth.depth()[0] == doctest::Approx(1020));
    CHECK(depth.depth()[1] == doctest::Approx(1004));
    CHECK(depth.depth()[2] == doctest::Approx(1001));
    CHECK(depth.depth()[3] == doctest::Approx(1000));
    CHECK(depth.confidence()[5] == 1.0f);
    CHECK(depth.sky().empty());
    CHECK_FALSE(depth.is_metric());
    CHECK(depth.info().intrinsics_source == IntrinsicsSource::default_fov);
  }

  TEST_CASE("info tells of the module") {
    Models models;
    auto info = DepthEstimator::load(models.save(mean_depth), on_cpu()).info();
    CHECK(info.name == "model0");
    CHECK(info.backend == "torchscript");
    CHECK(info.parameters == 1);
    CHECK(info.process_res == 504);
    CHECK_FALSE(info.metric);
    CHECK(info.license.empty());
    CHECK_FALSE(info.confidence);
    info = DepthEstimator::load(
               models.save(mean_depth,
                           R"({"name": "n", "license": "MIT", "process_res": 12, "metric": true})"),
               on_cpu())
               .info();
    CHECK(info.name == "n");
    CHECK(info.license == "MIT");
    CHECK(info.process_res == 12);
    CHECK(info.metric);
  }

  TEST_CASE("loading warns that the file is executable code") {
    Models models;
    const std::string model = models.save(mean_depth);
    std::string warning;
    depthcloud::set_log_callback([&](depthcloud::LogLevel level, std::string_view message) {
      if (level == depthcloud::LogLevel::warning) warning = message;
    });
    DepthEstimator::load(model, on_cpu());
    depthcloud::set_log_callback(nullptr);
    CHECK(contains(warning, "executable code"));
    CHECK(contains(warning, model));
  }

  TEST_CASE("a tuple is depth, confidence, intrinsics") {
    Models models;
    const std::string model = models.save(R"(
def forward(self, x):
    k = torch.tensor([[300.0, 0.0, 4.0], [0.0, 310.0, 3.0], [0.0, 0.0, 1.0]])
    return x.mean([1], True) + 2, x[:, :1] + 5, k.unsqueeze(0).repeat(x.size(0), 1, 1)
)");
    const DepthMap depth = depth_of(model, flat_image(8, 6, 255));
    CHECK(depth.depth()[47] == doctest::Approx(3));
    CHECK(depth.confidence()[47] == doctest::Approx(6));
    CHECK(depth.info().intrinsics_source == IntrinsicsSource::model);
    CHECK(depth.intrinsics() == depthcloud::Intrinsics{300, 310, 4, 3});
  }

  TEST_CASE("a dict names its outputs") {
    Models models;
    const std::string model = models.save(R"(
def forward(self, x):
    e = torch.arange(12.0).view(1, 3, 4).repeat(x.size(0), 1, 1)
    return {"depth": x.mean([1]) + 2, "confidence": x[:, :1] + 5, "sky": x[:, 0] > 0.5,
            "extrinsics": e, "more": e}
)");
    const DepthMap depth = depth_of(model, flat_image(8, 6, 255));
    CHECK(depth.depth()[0] == doctest::Approx(3));
    CHECK(depth.confidence()[0] == doctest::Approx(6));
    REQUIRE(depth.sky().size() == 48);
    CHECK(depth.sky()[47] == 1);
    REQUIRE(depth.info().extrinsics.has_value());
    CHECK((*depth.info().extrinsics)[11] == 11.0);
  }

  TEST_CASE("metric, inverse_depth, mean and std have their effect") {
    Models models;
    const Image image = flat_image(8, 6, 255);
    CHECK(depth_of(models.save(mean_depth, R"({"metric": true})"), image).is_metric());
    CHECK(depth_of(models.save(mean_depth, R"({"inverse_depth": true})"), image).depth()[0] ==
          doctest::Approx(0.5));
    CHECK(
        depth_of(models.save(mean_depth, R"({"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]})"),
                 image)
            .depth()[0] == doctest::Approx(3));
  }

  TEST_CASE("zero and negative inverse depth is no depth") {
    Models models;
    const std::string model = models.save(R"(
def forward(self, x):
    return torch.arange(-1.0, 2.0).view(1, 1, 3)
)",
                                          R"({"inverse_depth": true})");
    const DepthMap depth = depth_of(model, flat_image(3, 1));
    CHECK(depth.depth()[0] < 0);
    CHECK(std::isinf(depth.depth()[1]));
    CHECK(depth.depth()[2] == 1.0f);
  }

  TEST_CASE("process_res of the options wins over that of the file") {
    Models models;
    const std::string model = models.save(mean_depth, R"({"process_res": 32})");
    CHECK(DepthEstimator::load(model, on_cpu()).grid(640, 480) == DepthEstimator::Grid{32, 24});
    EstimatorOptions options = on_cpu();
    options.process_res = 64;
    CHECK(DepthEstimator::load(model, options).grid(640, 480) == DepthEstimator::Grid{64, 48});
  }

  TEST_CASE("multiple_of holds for every input; tiny images are padded and cropped back") {
    Models models;
    const std::string model = models.save(R"(
def forward(self, x):
    assert x.size(2) % 14 == 0 and x.size(3) % 14 == 0
    return x.mean([1]) + self.bias
)",
                                          R"({"multiple_of": 14})");
    const std::pair<int, int> sizes[] = {{640, 480}, {100, 13}, {3, 2}, {1, 1}, {10000, 1}};
    for (const auto& [width, height] : sizes) {
      CAPTURE(width);
      const DepthMap depth = depth_of(model, flat_image(width, height, 255));
      CHECK(depth.width() <= width);
      CHECK(depth.height() <= height);
      CHECK(depth.depth().front() == doctest::Approx(2));
      CHECK(depth.depth().back() == doctest::Approx(2));
    }
  }

  TEST_CASE("a batch is one pass for each grid") {
    Models models;
    // Tells the batch size as depth.
    const std::string model = models.save(R"(
def forward(self, x):
    return x.mean([1]) + x.size(0)
)");
    auto estimator = DepthEstimator::load(model, on_cpu());
    const Image images[] = {flat_image(8, 6, 0), flat_image(6, 8, 0), flat_image(8, 6, 255)};
    const ImageView views[] = {images[0].view(), images[1].view(), images[2].view()};
    const std::vector<DepthMap> maps = estimator.estimate_batch(views);
    REQUIRE(maps.size() == 3);
    CHECK(maps[0].depth()[0] == doctest::Approx(2));
    CHECK(maps[1].depth()[0] == doctest::Approx(1));
    CHECK(maps[2].depth()[0] == doctest::Approx(3));
  }

  TEST_CASE("warm-up runs the module, and passes on what it says") {
    Models models;
    auto estimator = DepthEstimator::load(models.save(mean_depth), on_cpu());
    CHECK_NOTHROW(estimator.warm_up(64, 48));
    auto failing =
        DepthEstimator::load(models.save("def forward(self, x):\n    return x\n"), on_cpu());
    CHECK(error_of([&] { failing.warm_up(64, 48); }).starts_with("bad_model infer: "));
  }

  TEST_CASE("outputs that break the contract are named") {
    Models models;
    const std::pair<const char*, const char*> cases[] = {
        {"return x", "depth of shape [1, 3, 6, 8] in place of [1, 6, 8]"},
        {"return x[:, 0, 1:]", "depth of shape [1, 5, 8] in place of [1, 6, 8]"},
        {"return x[0, 0]", "depth of shape [6, 8]"},
        {"return x[:, 0].int()", "depth of type Int"},
        {"return 7", "returned Int: a tensor"},
        {"return x[:, 0], x", "confidence of shape"},
        {"return x[:, 0], x[:, 0], x", "intrinsics of type Float and shape"},
        {"return x[:, 0], x[:, 0], x[:, 0], x", "a tuple of 4"},
        {"return x[:, 0], 1", "confidence as Int"},
        {"return {'disparity': x[:, 0]}", "no depth"},
        {"return {1: x[:, 0]}", "a dict without names"},
        {"return {'depth': x[:, 0], 'sky': x[:, 0]}", "sky of type Float"},
        {"return {'depth': x[:, 0], 'extrinsics': x[:, 0]}", "extrinsics of type Float and shape"},
        {"return torch.mm(x[0, 0], x[0, 0])", "mat1 and mat2 shapes"},
    };
    for (const auto& [body, what] : cases) {
      CAPTURE(body);
      const std::string error =
          estimate_error(models.save(std::string("def forward(self, x):\n    ") + body + "\n"));
      CHECK(error.starts_with("bad_model infer: "));
      CHECK(contains(error, what));
      CHECK_FALSE(contains(error, "\n"));
    }
  }

  TEST_CASE("what the module raises is told, and the estimator lives on") {
    Models models;
    const std::string model = models.save(R"(
def forward(self, x):
    assert bool(x.max() < 0.5), "too bright"
    return x.mean([1]) + self.bias
)");
    auto estimator = DepthEstimator::load(model, on_cpu());
    const Image bright = flat_image(8, 6, 255);
    const Image dark = flat_image(8, 6, 0);
    const std::string error = error_of([&] { estimator.estimate(bright.view()); });
    CHECK(error.starts_with("bad_model infer: "));
    CHECK(contains(error, "too bright"));
    CHECK(estimator.estimate(dark.view()).depth()[0] == 1.0f);
  }

  TEST_CASE("memory that the module cannot have is told as such") {
    Models models;
    CHECK(estimate_error(models.save(R"(
def forward(self, x):
    return torch.zeros([1152921504606846976])
)"))
              .starts_with("out_of_memory infer: "));
  }

  TEST_CASE("files that are no TorchScript module") {
    Models models;
    CHECK(load_error((models / "none.pt").string()).starts_with("not_found load: no such file"));

    std::filesystem::create_directory(models / "folder.pt");
    CHECK(contains(load_error((models / "folder.pt").string()), "model.safetensors"));

    const std::string text = (models / "text.pt").string();
    std::ofstream(text) << "neither";
    CHECK(load_error(text).starts_with("bad_model load: "));
    std::ofstream(models / "empty.pt");
    CHECK(load_error((models / "empty.pt").string()).starts_with("bad_model load: "));

    std::vector<char> pickled = torch::jit::pickle_save(at::ones({3}));
    std::ofstream(models / "pickled.pt", std::ios::binary)
        .write(pickled.data(), static_cast<std::streamsize>(pickled.size()));
    const std::string error = load_error((models / "pickled.pt").string());
    CHECK(error.starts_with("unsupported load: "));
    CHECK(contains(error, "torch.jit.save"));

    CHECK(load_error(models.save("def run(self, x):\n    return x\n"))
              .starts_with("bad_model load: "));
    CHECK(load_error(models.save(mean_depth, R"({"metrics": true})"))
              .starts_with("bad_model load: depthcloud.json: unknown key 'metrics'"));
  }

  TEST_CASE("a damaged module is refused, wherever it is cut or changed") {
    Models models;
    const std::vector<std::uint8_t> whole = depthcloud::read_file(models.save(mean_depth));
    const std::string path = (models / "damaged.pt").string();
    for (std::size_t size = 0; size < whole.size(); size += whole.size() / 16 + 1) {
      depthcloud::write_file(path, std::span(whole).first(size));
      CAPTURE(size);
      CHECK(load_error(path).starts_with("bad_model load: "));
    }
  }
}

TEST_SUITE("bf16") {
  TEST_CASE("a TorchScript module gets weights and input in it, not integer buffers") {
    if (!depthcloud::test::bf16_works()) return;
    Models models;
    const std::string model = models.save(R"(
def forward(self, x):
    assert x.dtype == self.bias.dtype
    assert not self.index.is_floating_point()
    return x.mean([1]) + self.bias + 1.0 / 1024
)");
    EstimatorOptions options = on_cpu();
    const Image image = flat_image(8, 6, 255);
    CHECK(depth_of(model, image, options).depth()[0] ==
          doctest::Approx(2 + 1.0 / 1024).epsilon(1e-6));
    options.precision = Precision::bf16;
    CHECK(depth_of(model, image, options).depth()[0] == 2.0f);
  }
}
