// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <string_view>

#include <ATen/ATen.h>

#include "depth/backend/preprocess.hpp"
#include "depth/backend/registry.hpp"
#include "depth/backend/torch_device.hpp"
#include "depth/builtin/network.hpp"
#include "depth/builtin/weights.hpp"
#include "depth/nn/common_layers.hpp"
#include "io/weights_file.hpp"

namespace depthcloud {
namespace {

constexpr std::string_view name_of_model = "builtin";
constexpr int default_process_res = 384;  // of the depth map; the network looks at fewer pixels

/// Sky is far too: one of both alone would open holes in a white wall.
constexpr double sky_probability = 0.7;
constexpr double sky_inverse_depth = 0.3;  ///< 1 is the near end of the scene

NamedTensors weights_on(const at::Device& device, Precision precision) {
  NamedTensors weights = read_builtin_weights(WeightsFile::parse(builtin_weights()));
  for (auto& [name, weight] : weights) weight = weight.to(device, to_torch(precision));
  return weights;
}

/// The small network that is linked into the library.
class BuiltinBackend final : public DepthBackend {
 public:
  explicit BuiltinBackend(const BackendOptions& options)
      : process_res_(options.process_res > 0 ? options.process_res : default_process_res) {
    weights_ = weights_on(to_torch(options.device), options.precision);
    for (const auto& [name, weight] : weights_) {
      parameters_ += weight.numel();
      memory_bytes_ += static_cast<std::int64_t>(weight.nbytes());
    }
  }

  ModelInfo info() const override {
    ModelInfo info;
    info.name = name_of_model;
    info.backend = name_of_model;
    info.architecture = "residual convolutional encoder, global context, decoder with skips";
    info.parameters = parameters_;
    info.memory_bytes = memory_bytes_;
    info.process_res = process_res_;
    info.scaled_decode = true;
    info.confidence = {0, 1};
    info.edge_threshold = 0.03;  // its edges are soft
    info.license = "Apache-2.0";
    return info;
  }

  Grid grid(int width, int height) const override {
    return reduced_grid(width, height, process_res_);
  }

  at::Tensor prepare(const ImageView& image, const Grid& grid) override {
    return reduced_rgb(image, grid);
  }

  Prediction infer(const Batch& batch) override {
    const BuiltinOutput output = builtin_forward(weights_, to_unit_range(batch.images));
    const at::Tensor sky =
        (output.sky > sky_probability).logical_and_(output.inverse_depth < sky_inverse_depth);
    Prediction prediction;
    prediction.depth = output.inverse_depth.reciprocal().masked_fill_(sky, 0);
    prediction.confidence = output.confidence;
    prediction.sky = sky.to(at::kByte);
    prediction.views.resize(static_cast<std::size_t>(batch.images.size(0)));
    return prediction;
  }

 private:
  int process_res_;
  std::int64_t parameters_ = 0;
  std::int64_t memory_bytes_ = 0;
  NamedTensors weights_;
};

/// LibTorch falls back to plain loops where oneDNN has no convolutions of this type, and those are
/// many times slower than f32: try_common_layers() finds that out.
at::Tensor try_builtin(const at::Device& device, Precision precision) {
  try_common_layers(device, precision);
  const at::Tensor image = at::linspace(0, 1, 3 * 32 * 32, at::kFloat).view({1, 3, 32, 32});
  return builtin_forward(weights_on(device, precision), image.to(device)).inverse_depth;
}

std::unique_ptr<DepthBackend> load(const std::string&, const BackendOptions& options) {
  return std::make_unique<BuiltinBackend>(options);
}

}  // namespace

extern const BackendEntry builtin_backend;
constinit const BackendEntry builtin_backend = {"builtin", load, try_builtin, false};

}  // namespace depthcloud
