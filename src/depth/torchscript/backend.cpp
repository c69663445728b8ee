// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <filesystem>
#include <memory>
#include <system_error>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>
#include <torch/script.h>

#include <depthcloud/error.hpp>

#include "core/log.hpp"
#include "depth/backend/preprocess.hpp"
#include "depth/backend/registry.hpp"
#include "depth/backend/torch_device.hpp"
#include "depth/backend/torch_errors.hpp"
#include "depth/nn/common_layers.hpp"
#include "depth/torchscript/config.hpp"
#include "depth/torchscript/outputs.hpp"

namespace depthcloud {
namespace {

constexpr std::string_view suffix = ".pt";
constexpr const char* config_file = "depthcloud.json";

/// The profiling executor watches the first pass of a shape and compiles during the second.
constexpr int passes_until_compiled = 3;

class TorchScriptBackend final : public DepthBackend {
 public:
  TorchScriptBackend(torch::jit::Module module, TorchScriptConfig config,
                     const BackendOptions& options)
      : module_(std::move(module)), config_(std::move(config)), type_(to_torch(options.precision)) {
    if (options.process_res > 0) config_.process_res = options.process_res;
    const auto on_device = at::TensorOptions(to_torch(options.device)).dtype(at::kFloat);
    mean_ = at::tensor(at::ArrayRef<float>(config_.mean)).to(on_device).view({1, 3, 1, 1});
    std_ = at::tensor(at::ArrayRef<float>(config_.std)).to(on_device).view({1, 3, 1, 1});
  }

  ModelInfo info() const override {
    ModelInfo info;
    info.name = config_.name;
    info.backend = "torchscript";
    for (const at::Tensor& parameter : module_.parameters()) info.parameters += parameter.numel();
    info.process_res = config_.process_res;
    info.metric = config_.metric;
    info.confidence.reset();
    info.license = config_.license;
    return info;
  }

  Grid grid(int width, int height) const override {
    return reduced_grid(width, height, config_.process_res, config_.multiple_of);
  }

  at::Tensor prepare(const ImageView& image, const Grid& grid) override {
    return reduced_rgb(image, grid);
  }

  void warm_up(const Batch& batch) override {
    for (int pass = 0; pass < passes_until_compiled; ++pass) infer(batch);
  }

  Prediction infer(const Batch& batch) override {
    const Grid grid{static_cast<int>(batch.images.size(3)), static_cast<int>(batch.images.size(2))};
    const at::Tensor input = normalized(batch.images);
    return with_torch_errors(Stage::infer, ErrorCode::bad_model, [&] {
      Prediction prediction = read_outputs(module_.forward({input}), input, grid);
      // 1 / 0 is infinite and 1 / negative is negative: both mean no depth.
      if (config_.inverse_depth) prediction.depth = prediction.depth.reciprocal();
      for (ViewInfo& view : prediction.views) view.metric = config_.metric;
      return prediction;
    });
  }

 private:
  /// Padded by repeating the last row and column where the image is too small for the multiple.
  at::Tensor normalized(const at::Tensor& images) const {
    const at::Tensor unit = to_unit_range(images).sub_(mean_).div_(std_);
    const auto missing = [&](std::int64_t size) {
      return (config_.multiple_of - size % config_.multiple_of) % config_.multiple_of;
    };
    const std::int64_t bottom = missing(unit.size(2));
    const std::int64_t right = missing(unit.size(3));
    const bool fits = bottom == 0 && right == 0;
    return (fits ? unit : at::replication_pad2d(unit, {0, right, 0, bottom})).to(type_);
  }

  torch::jit::Module module_;
  TorchScriptConfig config_;
  at::ScalarType type_;
  at::Tensor mean_;
  at::Tensor std_;
};

[[noreturn]] void bad_model(const std::string& message) {
  throw Error(ErrorCode::bad_model, Stage::load, message);
}

/// Recognises the usual wrong files, for clearer messages than LibTorch's.
void check_archive(const std::string& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) {
    throw Error(ErrorCode::not_found, Stage::load, fmt::format("no such file: '{}'", path));
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw Error(ErrorCode::unsupported, Stage::load, fmt::format("'{}' is not a file", path));
  }
  std::unique_ptr<caffe2::serialize::PyTorchStreamReader> archive;
  try {
    archive = std::make_unique<caffe2::serialize::PyTorchStreamReader>(path);
  } catch (const c10::Error&) {
    bad_model(fmt::format("'{}' is damaged or not a TorchScript archive", path));
  }
  if (!archive->hasRecord("constants.pkl")) {
    bad_model(
        fmt::format("'{}' holds weights without a program: a TorchScript module is written "
                    "by torch.jit.save, not torch.save",
                    path));
  }
}

/// Module::to(dtype) would turn integer buffers, such as indices, into floats.
void convert_floating(torch::jit::Module& module, at::ScalarType type) {
  const auto convert = [type](at::Tensor tensor) {
    if (tensor.is_floating_point()) tensor.set_data(tensor.to(type));
  };
  for (const at::Tensor& parameter : module.parameters()) convert(parameter);
  for (const at::Tensor& buffer : module.buffers()) convert(buffer);
}

std::unique_ptr<DepthBackend> load(const std::string& source, const BackendOptions& options) {
  check_archive(source);
  const at::ScalarType type = to_torch(options.precision);
  log(LogLevel::warning,
      fmt::format("'{}' is a TorchScript file, which is executable code: load trusted files only",
                  source));
  const c10::InferenceMode normal_tensors(false);  // inference tensors refuse set_data
  const at::NoGradGuard no_grad;
  torch::jit::ExtraFilesMap extra_files{{config_file, ""}};
  torch::jit::Module module = torch::jit::load(source, to_torch(options.device), extra_files);
  if (!module.find_method("forward")) {
    bad_model(fmt::format("the module in '{}' has no forward()", source));
  }
  module.eval();
  convert_floating(module, type);

  TorchScriptConfig config = parse_torchscript_config(extra_files[config_file]);
  if (config.name.empty()) config.name = std::filesystem::path(source).stem().string();
  return std::make_unique<TorchScriptBackend>(std::move(module), std::move(config), options);
}

}  // namespace

extern const BackendEntry torchscript_backend;
constinit const BackendEntry torchscript_backend = {"torchscript", load, try_common_layers, false};

}  // namespace depthcloud
