// SPDX-License-Identifier: Apache-2.0
#include "trainer.hpp"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/serialize.h>

#include <algorithm>
#include <cmath>
#include <future>

#include "loss.hpp"
#include "weights_file.hpp"

namespace train_builtin {
namespace {

constexpr double weight_decay = 0.01;
constexpr double largest_gradient = 1.0;
constexpr double average_decay = 0.999;

struct Gradients {
  double loss = 0;
  std::vector<at::Tensor> of_weights;
};

/// The gradients of one part of a batch, times the part's share of it, on the calling thread alone.
Gradients gradients_of(const depthcloud::NamedTensors& weights, const at::Tensor& images,
                       const at::Tensor& target, double share) {
  at::set_num_threads(1);
  const at::Tensor loss = depth_loss(depthcloud::builtin_forward(weights, images), target) * share;
  std::vector<at::Tensor> values;
  for (const auto& [name, tensor] : weights) values.push_back(tensor);
  return {loss.item<double>(), torch::autograd::grad({loss}, values)};
}

}  // namespace

double learning_rate(const Schedule& schedule, std::int64_t step) {
  const auto at = static_cast<double>(step);
  const auto steps = static_cast<double>(schedule.steps);
  const double decay_start = steps * (1 - schedule.decay_share);
  if (step < schedule.warmup) {
    return schedule.peak_rate * (at + 1) / static_cast<double>(schedule.warmup);
  }
  if (at < decay_start) return schedule.peak_rate;
  const double progress = std::min((at - decay_start) / (steps - decay_start), 1.0);
  return schedule.peak_rate * 0.5 * (1 + std::cos(progress * 3.14159265358979));
}

Trainer::Trainer(std::uint64_t seed, const at::Device& device, int parts)
    : device_(device), parts_(parts) {
  for (const auto& [name, tensor] : initial_weights(seed)) {
    names_.push_back(name);
    values_.push_back(tensor.to(device).requires_grad_(true));
    averages_.push_back(tensor.to(device).clone());
  }
  optimizer_ = std::make_unique<torch::optim::AdamW>(
      values_, torch::optim::AdamWOptions().weight_decay(weight_decay));
}

double Trainer::step(const at::Tensor& images, const at::Tensor& target, double rate) {
  depthcloud::NamedTensors weights;
  for (std::size_t i = 0; i < names_.size(); ++i) weights.emplace(names_[i], values_[i]);
  auto& options = optimizer_->param_groups().front().options();
  static_cast<torch::optim::AdamWOptions&>(options).lr(rate);

  const std::vector<at::Tensor> image_parts = images.to(device_).chunk(parts_);
  const std::vector<at::Tensor> target_parts = target.to(device_).chunk(parts_);
  std::vector<std::future<Gradients>> parts;
  for (std::size_t i = 0; i < image_parts.size(); ++i) {
    const double share =
        static_cast<double>(image_parts[i].size(0)) / static_cast<double>(images.size(0));
    parts.push_back(std::async(std::launch::async, gradients_of, std::cref(weights), image_parts[i],
                               target_parts[i], share));
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
  depthcloud::NamedTensors weights;
  for (std::size_t i = 0; i < names_.size(); ++i) weights.emplace(names_[i], averages_[i]);
  return weights;
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
