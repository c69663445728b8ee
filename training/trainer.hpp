// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <torch/optim/adamw.h>

#include "depth/builtin/network.hpp"
#include "loss.hpp"

namespace train_builtin {

struct Schedule {
  double peak_rate = 2e-3;
  std::int64_t warmup = 200;         ///< steps of linear rise
  std::int64_t small_steps = 15000;  ///< on small pictures, which teach the most in a given time
  std::int64_t steps = 23000;        ///< in all; the rest on pictures of the size that is used
  double gradient_weight = 0.1;      ///< of the loss's gradient term, in the last quarter
};

/// A linear rise, then a cosine to zero at the last step.
double learning_rate(const Schedule& schedule, std::int64_t step);
/// Zero for the first three quarters: learned from early, it leads to the mean of all scenes.
double gradient_weight(const Schedule& schedule, std::int64_t step);

/// The weights in training, their running mean, and the optimizer.
class Trainer {
 public:
  /// Each batch is cut into `parts` that run beside each other, one thread each: on a busy machine
  /// that is faster than threads which meet after every layer. The gradients are the same but for
  /// rounding.
  /// `compute_type`: of the layers, kBFloat16 or kFloat; the weights themselves are float.
  Trainer(std::uint64_t seed, const at::Device& device, at::ScalarType compute_type, int parts);

  /// One step; `images` [B, 3, H, W]. The loss before it.
  double step(const at::Tensor& images, const Target& target, double rate, double gradient_weight);
  std::int64_t steps_done() const { return steps_done_; }
  /// The exponential moving average of the weights: what is measured and published.
  depthcloud::NamedTensors averaged() const;

  void save(const std::filesystem::path& path) const;
  void restore(const std::filesystem::path& path);

 private:
  at::Device device_;
  at::ScalarType compute_type_;
  int parts_;
  std::vector<std::string> names_;
  std::vector<at::Tensor> values_;
  std::vector<at::Tensor> averages_;
  std::unique_ptr<torch::optim::AdamW> optimizer_;
  std::int64_t steps_done_ = 0;
};

}  // namespace train_builtin
