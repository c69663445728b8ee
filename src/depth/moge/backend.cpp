// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "depth/backend/registry.hpp"
#include "depth/backend/torch_device.hpp"
#include "depth/moge/config.hpp"
#include "depth/moge/geometry.hpp"
#include "depth/moge/network.hpp"
#include "depth/moge/precision.hpp"
#include "depth/moge/preprocess.hpp"
#include "depth/moge/token_grid.hpp"
#include "depth/nn/checkpoint.hpp"
#include "depth/nn/stored_tensor.hpp"
#include "depth/nn/vit_precision.hpp"

namespace depthcloud {
namespace {

/// How many tokens the options give an image.
class Tokens {
 public:
  Tokens(const MogeConfig& config, const BackendOptions& options)
      : process_res_(options.process_res), tokens_(options.tokens) {
    if (tokens_ > 0 || process_res_ > 0) return;
    // The published default, level 9, takes seconds on a CPU.
    constexpr int highest = 9;
    const bool on_cpu = options.device.kind == DeviceKind::cpu;
    const int level = options.resolution_level.value_or(on_cpu ? 0 : highest);
    tokens_ = tokens_of_level(level, config.token_range);
  }

  /// 0: it depends on the shape of the image.
  int fixed() const { return tokens_; }
  int process_res() const { return process_res_; }

  Grid grid(const Grid& image) const {
    const int tokens = tokens_ > 0 ? tokens_ : tokens_of_longer_side(process_res_, image);
    if (tokens > MogeConfig::max_tokens_limit) {
      throw Error(ErrorCode::limit_exceeded, Stage::preprocess,
                  fmt::format("process_res {} makes {} tokens of an image of {} x {}, more than {}",
                              process_res_, tokens, image.width, image.height,
                              MogeConfig::max_tokens_limit));
    }
    return token_grid(tokens, image);
  }

 private:
  int process_res_;
  int tokens_;
};

class MogeBackend final : public DepthBackend {
 public:
  MogeBackend(MogeConfig config, const WeightsFile& file, const nn::Parameters& weights,
              const BackendOptions& options)
      : config_(std::move(config)),
        precision_(options.precision),
        tokens_(config_, options),
        network_(config_, weights, options.normals, options.stop),
        weight_bytes_(weights.bytes()),
        parameters_(count_elements(tensor_shapes(file))) {}

  ModelInfo info() const override {
    ModelInfo info;
    info.name = config_.name;
    info.backend = "moge";
    info.architecture = architecture(config_);
    info.parameters = parameters_;
    info.memory_bytes = weight_bytes_;
    info.process_res = tokens_.process_res();
    info.precision = precision_;
    info.tokens = tokens_.fixed();
    info.input = expected_input(config_);
    info.metric = config_.scale_dims.has_value();
    info.normals = config_.normal_head.has_value();
    info.license = config_.license;
    return info;
  }

  Grid grid(int width, int height) const override {
    const Grid size = moge_map_size({width, height});
    tokens_.grid(size);  // too many are an error before any pixel is read
    return size;
  }

  at::Tensor prepare(const ImageView& image, const Grid& grid) override {
    return normalised(resize_to_patches(image, tokens_.grid(grid)));
  }

  Prediction infer(const Batch& batch) override {
    const MogeOutput output = network_(batch.images, batch.grid);
    std::vector<at::Tensor> depths;
    std::vector<at::Tensor> normals;
    Prediction prediction;
    for (std::size_t i = 0; i < batch.intrinsics.size(); ++i) {
      const auto of_image = [i](const at::Tensor& batch_of) {
        return batch_of.defined() ? batch_of[static_cast<std::int64_t>(i)] : batch_of;
      };
      MogeGeometry geometry = to_geometry({of_image(output.points), of_image(output.mask),
                                           of_image(output.normals), of_image(output.scale)},
                                          batch.intrinsics[i]);
      depths.push_back(std::move(geometry.depth));
      if (geometry.normals.defined()) normals.push_back(std::move(geometry.normals));
      prediction.views.push_back(
          {.metric = config_.scale_dims.has_value(), .intrinsics = geometry.camera});
    }
    prediction.depth = at::stack(depths);
    if (!normals.empty()) prediction.normals = at::stack(normals);
    return prediction;
  }

 private:
  MogeConfig config_;
  Precision precision_;
  Tokens tokens_;
  Moge network_;
  std::int64_t weight_bytes_;
  std::int64_t parameters_;
};

struct Checkpoint {
  WeightsFile file;
  MogeConfig config;
};

Checkpoint open(const std::string& source) {
  auto [file, notes] = open_checkpoint(source);
  MogeConfig config = naming(source, [&] { return recognise_moge(tensor_shapes(file), notes); });
  return {std::move(file), std::move(config)};
}

/// The statistics that a checkpoint was trained with must be those that preprocessing takes out.
void check_statistics(const WeightsFile& file, const char* name, const at::Tensor& expected) {
  constexpr double tolerance = 1e-3;  // files of 16 bits round them
  if (!file.find(name)) return;
  const at::Tensor stored = nn::stored_tensor(file, name, {1, 3, 1, 1}).to(at::kFloat).flatten();
  if (at::allclose(stored, expected, /*rtol=*/0, tolerance)) return;
  throw Error(ErrorCode::unsupported, Stage::load,
              fmt::format("tensor '{}' is not that of ImageNet", name));
}

/// For the tokens of a photo of the usual shape, 4:3.
Precision fastest(const MogeConfig& config, const BackendOptions& options) {
  const Grid patches = Tokens(config, options).grid({640, 480});
  return nn::fastest_precision(config.vit, {patches.height, patches.width}, options.device,
                               try_moge);
}

std::unique_ptr<DepthBackend> load(const std::string& source, const BackendOptions& given) {
  const auto [file, recognised] = open(source);
  BackendOptions options = given;
  if (options.precision == Precision::automatic) options.precision = fastest(recognised, options);
  naming(source, [&, file = file] {
    check_statistics(file, "encoder.image_mean", image_mean());
    check_statistics(file, "encoder.image_std", image_deviation());
    return true;
  });
  const auto read = [file = file](const std::string& name, at::IntArrayRef shape) {
    return nn::stored_tensor(file, name, shape);
  };
  const nn::Parameters parameters(read, to_torch(options.device), options.precision);
  auto backend = std::make_unique<MogeBackend>(recognised, file, parameters, options);
  file.release_pages();  // of weights that were copied to another type or order
  return backend;
}

}  // namespace

extern const BackendEntry moge_backend;
constinit const BackendEntry moge_backend = {"moge", load, try_moge, true};

}  // namespace depthcloud
