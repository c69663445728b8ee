// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/vit_precision.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>
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

#include "depth/backend/quickest.hpp"
#include "depth/backend/torch_compat.hpp"
#include "depth/backend/torch_device.hpp"

namespace depthcloud::nn {
namespace {

/// Those with a mean error of at most 0.6 % and a correlation of at least 0.9999: the table of
/// precisions in docs/models.md.
constexpr Precision accurate[] = {Precision::f32, Precision::bf16};

constexpr double budget_ms = 200;

/// A block of a network on some of the rows of an image.
class TimedBlock {
 public:
  TimedBlock(const VitConfig& config, const at::Device& device, Precision precision)
      : config_(config),
        device_(device),
        block_(made_up_weights(device, precision), block_options(config, config.blocks - 1)) {}

  double milliseconds(const PatchGrid& patches) const {
    const std::int64_t tokens = 1 + patches.count();
    const at::Tensor x = at::linspace(-1, 1, tokens * config_.embed_dim,
                                      at::TensorOptions(device_).dtype(at::kFloat))
                             .view({1, tokens, config_.embed_dim});
    std::optional<Rope> rope;
    if (config_.rope_start >= 0) {
      rope.emplace(grid_positions(1, patches.height, patches.width).to(device_), config_.head_dim(),
                   VitConfig::rope_base);
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
  TransformerBlock block_;
};

Precision measure(const VitConfig& config, const PatchGrid& patches, const Device& device,
                  PrecisionTrial trial) {
  const c10::InferenceMode inference;
  std::vector<Precision> precisions;
  std::vector<TimedBlock> blocks;
  for (const Precision precision : accurate) {
    if (!precision_obstacle(trial, device, precision).empty()) continue;
    precisions.push_back(precision);
    blocks.emplace_back(config, to_torch(device), precision);
  }
  if (precisions.size() == 1) return precisions.front();
  return precisions[quickest(precisions.size(), budget_ms, [&](std::size_t i, int divisor) {
    return blocks[i].milliseconds({at::divup(patches.height, divisor), patches.width});
  })];
}

}  // namespace

at::Tensor waves(at::IntArrayRef shape) {
  return at::arange(c10::multiply_integers(shape), at::kFloat).mul_(1.7).sin_().view(shape);
}

Parameters made_up_weights(const at::Device& device, Precision precision) {
  const auto reader = [](const std::string& name, at::IntArrayRef shape) {
    at::Tensor values = waves(shape);
    if (std::string_view(name).ends_with("bias")) return values.mul_(0.1);
    if (shape.size() == 1) return values.mul_(0.25).add_(1);
    const std::int64_t fan_in = values.numel() / shape[0];
    return values.mul_(std::sqrt(2.0 / static_cast<double>(fan_in)));
  };
  return {reader, device, precision};
}

Precision fastest_precision(const VitConfig& vit, const PatchGrid& patches, const Device& device,
                            PrecisionTrial trial) {
  static std::mutex mutex;
  // A family tries layers of its own, so what works for one may not work for another.
  using Key = std::tuple<std::uintptr_t, int, int, std::int64_t, std::int64_t, std::string, int>;
  static std::map<Key, Precision> known;
  const Key key(reinterpret_cast<std::uintptr_t>(trial), vit.embed_dim, vit.heads, patches.height,
                patches.width, to_string(device), at::get_num_threads());
  const std::lock_guard lock(mutex);
  auto found = known.find(key);
  if (found == known.end()) found = known.emplace(key, measure(vit, patches, device, trial)).first;
  return found->second;
}

}  // namespace depthcloud::nn
