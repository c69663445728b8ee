// SPDX-License-Identifier: Apache-2.0
#include "trainer.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/serialize.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <map>

#include "loss.hpp"
#include "weights_file.hpp"

namespace train_builtin {
namespace {

constexpr double weight_decay = 0.01;
constexpr double largest_gradient = 1.0;
constexpr double average_decay = 0.999;
constexpr const char* gain_suffix = ".gain";

struct Gradients {
  double loss = 0;
  std::vector<at::Tensor> of_weights;
};

Target part_of(const Target& whole, std::int64_t first, std::int64_t end) {
  return {whole.nearness.slice(0, first, end), whole.sky.slice(0, first, end),
          whole.range.slice(0, first, end)};
}

/// Not the first, which would be blind to plain brightness, nor the last ones.
bool is_standardized(const std::string& name) {
  return name.ends_with(".weight") && !name.starts_with("stem") && !name.starts_with("head") &&
         !name.starts_with("range");
}

/// A kernel with mean 0 and deviation 1 / sqrt(fan in) in each output channel, times a learned gain
/// (weight standardisation: Qiao et al., 2019; Brock et al., 2021): it trains like a network with
/// normalisation layers, and needs none when it is used.
at::Tensor standardized(const at::Tensor& kernel, const at::Tensor& gain) {
  const auto fan_in = static_cast<double>(kernel[0].numel());
  const at::Tensor centered = kernel - kernel.mean({1, 2, 3}, true);
  const at::Tensor power = (centered * centered).mean({1, 2, 3}, true) * fan_in;
  return centered * (gain * (power + 1e-6).rsqrt());
}

/// The network's tensors from the learned ones.
depthcloud::NamedTensors assembled(const std::map<std::string, at::Tensor>& learned) {
  depthcloud::NamedTensors weights;
  for (const auto& [name, value] : learned) {
    if (name.ends_with(gain_suffix)) continue;
    const auto gain = learned.find(name + gain_suffix);
    weights.emplace(name, gain == learned.end() ? value : standardized(value, gain->second));
  }
  return weights;
}

/// The gradients of one part of a batch, times the part's share of it, on the calling thread alone.
Gradients gradients_of(const std::vector<std::string>& names, const std::vector<at::Tensor>& values,
                       at::ScalarType type, const at::Tensor& images, const Target& target,
                       double gradient_weight, double share) {
  at::set_num_threads(1);
  at::globalContext().setFlushDenormal(true);  // of this thread; they are many times slower
  std::map<std::string, at::Tensor> learned;
  for (std::size_t i = 0; i < names.size(); ++i) learned.emplace(names[i], values[i]);
  depthcloud::NamedTensors weights = assembled(learned);
  for (auto& [name, tensor] : weights) tensor = tensor.to(type);
  const at::Tensor loss =
      depth_loss(depthcloud::builtin_logits(weights, images), target, gradient_weight) * share;
  return {loss.item<double>(), torch::autograd::grad({loss}, values)};
}

}  // namespace

double learning_rate(const Schedule& schedule, std::int64_t step) {
  const auto at = static_cast<double>(step);
  const auto warmup = static_cast<double>(schedule.warmup);
  if (step < schedule.warmup) return schedule.peak_rate * (at + 1) / warmup;
  const double progress = (at - warmup) / (static_cast<double>(schedule.steps) - warmup);
  return schedule.peak_rate * 0.5 * (1 + std::cos(std::min(progress, 1.0) * 3.14159265358979));
}

double gradient_weight(const Schedule& schedule, std::int64_t step) {
  return 4 * step >= 3 * schedule.steps ? schedule.gradient_weight : 0;
}

Trainer::Trainer(std::uint64_t seed, const at::Device& device, at::ScalarType compute_type,
                 int parts)
    : device_(device), compute_type_(compute_type), parts_(parts) {
  for (const auto& [name, tensor] : initial_weights(seed)) {
    names_.push_back(name);
    values_.push_back(tensor.to(device).requires_grad_(true));
    averages_.push_back(tensor.to(device).clone());
    if (!is_standardized(name)) continue;
    // He's deviation, and that of the tensor over it as the gain.
    const auto fan_in = static_cast<double>(tensor[0].numel());
    const double deviation = tensor.square().mean().sqrt().item<double>() * std::sqrt(fan_in);
    if (deviation == 0) {
      const at::Tensor any = at::randn(tensor.sizes()) / std::sqrt(fan_in);
      values_.back() = any.to(device).requires_grad_(true);
      averages_.back() = any.to(device);
    }
    names_.push_back(name + gain_suffix);
    const at::Tensor gain = at::full({tensor.size(0), 1, 1, 1}, deviation, tensor.options());
    values_.push_back(gain.to(device).requires_grad_(true));
    averages_.push_back(values_.back().detach().clone());
  }
  optimizer_ = std::make_unique<torch::optim::AdamW>(
      values_, torch::optim::AdamWOptions().weight_decay(weight_decay));
}

double Trainer::step(const at::Tensor& images, const Target& target, double rate,
                     double gradient_weight) {
  auto& options = optimizer_->param_groups().front().options();
  static_cast<torch::optim::AdamWOptions&>(options).lr(rate);

  const at::Tensor moved = images.to(device_);
  const Target wanted{target.nearness.to(device_), target.sky.to(device_),
                      target.range.to(device_)};
  const std::int64_t count = images.size(0);
  std::vector<std::future<Gradients>> parts;
  for (std::int64_t i = 0; i < parts_; ++i) {
    const std::int64_t first = i * count / parts_, end = (i + 1) * count / parts_;
    if (first == end) continue;
    const double share = static_cast<double>(end - first) / static_cast<double>(count);
    parts.push_back(std::async(std::launch::async, gradients_of, std::cref(names_),
                               std::cref(values_), compute_type_, moved.slice(0, first, end),
                               part_of(wanted, first, end), gradient_weight, share));
  }
  double loss = 0;
  optimizer_->zero_grad();
  for (auto& part : parts) {
    const Gradients gradients = part.get();
    loss += gradients.loss;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      at::Tensor& sum = values_[i].mutable_grad();
      sum = sum.defined() ? sum + gradients.of_weights[i] : gradients.of_weights[i];
    }
  }
  torch::nn::utils::clip_grad_norm_(values_, largest_gradient);
  optimizer_->step();

  ++steps_done_;
  // Early on the mean is short, or it would remember the random start.
  const auto done = static_cast<double>(steps_done_);
  const double decay = std::min(average_decay, done / (done + 20));
  const torch::NoGradGuard no_gradient;
  for (std::size_t i = 0; i < values_.size(); ++i) averages_[i].lerp_(values_[i], 1 - decay);
  return loss;
}

depthcloud::NamedTensors Trainer::averaged() const {
  const at::NoGradGuard no_gradient;
  std::map<std::string, at::Tensor> learned;
  for (std::size_t i = 0; i < names_.size(); ++i) learned.emplace(names_[i], averages_[i]);
  return assembled(learned);
}

void Trainer::save(const std::filesystem::path& path) const {
  torch::serialize::OutputArchive archive, optimizer;
  optimizer_->save(optimizer);
  archive.write("optimizer", optimizer);
  archive.write("steps_done", torch::IValue(steps_done_));
  for (std::size_t i = 0; i < names_.size(); ++i) {
    archive.write("value" + std::to_string(i), values_[i]);
    archive.write("average" + std::to_string(i), averages_[i]);
  }
  const std::filesystem::path unfinished = path.string() + ".tmp";
  archive.save_to(unfinished.string());
  std::filesystem::rename(unfinished, path);
}

void Trainer::restore(const std::filesystem::path& path) {
  torch::serialize::InputArchive archive, optimizer;
  archive.load_from(path.string(), device_);
  const torch::NoGradGuard no_gradient;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    at::Tensor value, average;
    archive.read("value" + std::to_string(i), value);
    archive.read("average" + std::to_string(i), average);
    values_[i].copy_(value);
    averages_[i].copy_(average);
  }
  archive.read("optimizer", optimizer);
  optimizer_->load(optimizer);
  torch::IValue steps;
  archive.read("steps_done", steps);
  steps_done_ = steps.toInt();
}

}  // namespace train_builtin
