// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <torch/optim/adamw.h>

#include "depth/builtin_network.hpp"

namespace train_builtin {

struct Schedule {
  double peak_rate = 1e-3;
  std::int64_t warmup = 100;   ///< steps of linear rise
  std::int64_t steps = 12000;  ///< in all
  double decay_share = 0.4;    ///< of the steps, at the end: falls as a cosine to zero
};

/// Constant, then a cosine: a run can be stretched before its decay begins without changing it.
double learning_rate(const Schedule& schedule, std::int64_t step);

/// The weights in training, their running mean, and the optimizer.
class Trainer {
 public:
  /// Each batch is cut into `parts` that run beside each other, one thread each: on a busy machine
  /// that is faster than threads which meet after every layer. The gradients are the same but for
  /// rounding.
  Trainer(std::uint64_t seed, const at::Device& device, int parts);

  /// One step; `images` [B, 3, H, W], `target` [B, H, W]. The loss before it.
  double step(const at::Tensor& images, const at::Tensor& target, double rate);
  std::int64_t steps_done() const { return steps_done_; }
  /// The exponential moving average of the weights: what is measured and published.
  depthcloud::NamedTensors averaged() const;

  void save(const std::filesystem::path& path) const;
  void restore(const std::filesystem::path& path);

 private:
  at::Device device_;
  int parts_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> values_;
  std::vector<at::Tensor> averages_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  std::int64_t steps_done_ = 0;
};

}  // namespace train_builtin
