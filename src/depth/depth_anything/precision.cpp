// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/precision.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include "depth/backend/precision_check.hpp"
#include "depth/backend/quickest.hpp"
#include "depth/backend/torch_compat.hpp"
#include "depth/backend/torch_device.hpp"
#include "depth/nn/dpt_head.hpp"
#include "depth/nn/parameters.hpp"

namespace depthcloud {
namespace {

/// Those with a mean error of at most 0.6 % and a correlation of at least 0.9999: the table of
/// precisions in docs/models.md.
constexpr Precision accurate[] = {Precision::f32, Precision::bf16};

constexpr double budget_ms = 200;

at::Tensor waves(at::IntArrayRef shape) {
  return at::arange(c10::multiply_integers(shape), at::kFloat).mul_(1.7).sin_().view(shape);
}

/// Weights of no file, of the size of trained ones, so that every layer has a part in the result.
nn::Parameters made_up_weights(const at::Device& device, Precision precision) {
  const auto reader = [](const std::string& name, at::IntArrayRef shape) {
    at::Tensor values = waves(shape);
    if (std::string_view(name).ends_with("bias")) return values.mul_(0.1);
    if (shape.size() == 1) return values.mul_(0.25).add_(1);
    const std::int64_t fan_in = values.numel() / shape[0];
    return values.mul_(std::sqrt(2.0 / static_cast<double>(fan_in)));
  };
  return {reader, device, precision};
}

DepthAnythingConfig tiny_config() {
  DepthAnythingConfig config;
  config.vit.embed_dim = 32;
  config.vit.blocks = 4;
  config.vit.heads = 2;
  config.vit.out_layers = {0, 1, 2, 3};
  config.vit.alt_start = 2;
  config.vit.qknorm_start = 2;
  config.vit.rope_start = 2;
  config.vit.cat_token = true;
  config.vit.pos_embed_grid = 2;
  config.head.kind = DepthHead::dual_dpt;
  config.head.features = 16;
  config.head.out_channels = {8, 8, 8, 8};
  return config;
}

/// A block of a network on some of the rows of an image.
class TimedBlock {
 public:
  TimedBlock(const VitConfig& config, const at::Device& device, Precision precision)
      : config_(config),
        device_(device),
        block_(made_up_weights(device, precision), nn::block_options(config, config.blocks - 1)) {}

  double milliseconds(const nn::PatchGrid& patches) const {
    const std::int64_t tokens = 1 + patches.count();
    const at::Tensor x = at::linspace(-1, 1, tokens * config_.embed_dim,
                                      at::TensorOptions(device_).dtype(at::kFloat))
                             .view({1, tokens, config_.embed_dim});
    std::optional<nn::Rope> rope;
    if (config_.rope_start >= 0) {
      rope.emplace(nn::grid_positions(1, patches.height, patches.width).to(device_),
                   config_.head_dim(), VitConfig::rope_base);
    }
    const auto start = std::chrono::steady_clock::now();
    block_(x, rope ? &*rope : nullptr);
    torch_compat::synchronize(device_);
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
        .count();
  }

 private:
  VitConfig config_;
  at::Device device_;
  nn::TransformerBlock block_;
};

Precision measure(const VitConfig& config, const nn::PatchGrid& patches, const Device& device) {
  const c10::InferenceMode inference;
  std::vector<Precision> precisions;
  std::vector<TimedBlock> blocks;
  for (const Precision precision : accurate) {
    if (!precision_obstacle(try_depth_anything, device, precision).empty()) continue;
    precisions.push_back(precision);
    blocks.emplace_back(config, to_torch(device), precision);
  }
  if (precisions.size() == 1) return precisions.front();
  return precisions[quickest(precisions.size(), budget_ms, [&](std::size_t i, int divisor) {
    return blocks[i].milliseconds({at::divup(patches.height, divisor), patches.width});
  })];
}

}  // namespace

at::Tensor try_depth_anything(const at::Device& device, Precision precision) {
  constexpr std::int64_t side = 2 * VitConfig::patch;
  const DepthAnythingConfig config = tiny_config();
  const nn::Parameters weights = made_up_weights(device, precision);
  nn::Vit backbone(weights, config.vit);
  nn::DptHead head(weights.with_precision(Precision::f32), config.head, config.vit.feature_dim());

  const auto features = backbone(waves({1, 1, 3, side, side}).to(device));
  std::array<at::Tensor, 4> patches;
  std::transform(features.begin(), features.end(), patches.begin(),
                 [](const nn::Feature& feature) { return feature.patches.flatten(0, 1); });
  return at::cat({patches.back().flatten(), head(patches, {side, side}).values.flatten()});
}

Precision fastest_precision(const DepthAnythingConfig& config, const nn::PatchGrid& patches,
                            const Device& device) {
  static std::mutex mutex;
  static std::map<std::tuple<int, int, std::int64_t, std::int64_t, std::string, int>, Precision>
      known;
  const VitConfig& vit = config.vit;
  const auto key = std::tuple(vit.embed_dim, vit.heads, patches.height, patches.width,
                              to_string(device), at::get_num_threads());
  const std::lock_guard lock(mutex);
  auto found = known.find(key);
  if (found == known.end()) found = known.emplace(key, measure(vit, patches, device)).first;
  return found->second;
}

}  // namespace depthcloud
