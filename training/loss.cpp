// SPDX-License-Identifier: Apache-2.0
#include "loss.hpp"

#include <ATen/ATen.h>

namespace train_builtin {
namespace {

using at::Tensor;

constexpr double linear_from = 0.1;  ///< error at which smooth-L1 turns from square to linear
constexpr double flat_range = 0.7;   ///< pictures flatter than this count less
constexpr double range_weight = 0.05;
constexpr double sky_weight = 0.05;
constexpr double confidence_weight = 0.02;
constexpr double confidence_error = 0.1;  ///< error of nearness at which confidence should be 1/e
constexpr int gradient_scales = 3;

constexpr double clear_difference = 0.08;  ///< of nearness, for a pair to count
constexpr std::int64_t pair_stride = 4099;

/// Differences of the error between neighbours over some scales (Li and Snavely, MegaDepth, 2018):
/// edges where the truth has them, and smooth where it is smooth. One number a picture.
Tensor gradient_loss(Tensor error) {
  Tensor sum = at::zeros({error.size(0)}, error.options());
  error = error.unsqueeze(1);
  for (int scale = 0; scale < gradient_scales; ++scale) {
    const Tensor along_u = error.slice(3, 1) - error.slice(3, 0, -1);
    const Tensor along_v = error.slice(2, 1) - error.slice(2, 0, -1);
    sum = sum + along_u.abs().mean({1, 2, 3}) + along_v.abs().mean({1, 2, 3});
    error = at::avg_pool2d(error, 2);
  }
  return sum;
}

/// The least-squares scale * from + shift, both one-dimensional.
Tensor aligned(const Tensor& from, const Tensor& to) {
  const Tensor centered = from - from.mean();
  const Tensor scale =
      (centered * (to - to.mean())).sum() / (centered * centered).sum().clamp_min(1e-9);
  return centered * scale + to.mean();
}

}  // namespace

at::Tensor depth_loss(const depthcloud::BuiltinLogits& logits, const Target& target,
                      double gradient_weight) {
  const Tensor error = logits.nearness - target.nearness;
  const Tensor size = error.abs();
  Tensor of_picture =
      at::smooth_l1_loss(logits.nearness, target.nearness, at::Reduction::None, linear_from)
          .mean({1, 2});
  if (gradient_weight > 0) of_picture = of_picture + gradient_weight * gradient_loss(error);
  // A wall seen from the front has no near and far end worth learning.
  const Tensor weight = ((1 - target.range) / (1 - flat_range)).clamp_max(1);
  const Tensor deserved = (size.detach() / -confidence_error).exp();
  return (weight * of_picture).mean() +
         range_weight * (at::sigmoid(logits.range) - target.range).abs().mean() +
         sky_weight * at::binary_cross_entropy_with_logits(logits.sky, target.sky) +
         confidence_weight * at::binary_cross_entropy_with_logits(logits.confidence, deserved);
}

Accuracy accuracy(const at::Tensor& nearness, const Target& target) {
  Accuracy total;
  for (std::int64_t i = 0; i < target.nearness.size(0); ++i) {
    const Tensor seen = target.sky[i] == 0;
    const Tensor guess = nearness[i].masked_select(seen);
    const Tensor truth = target.nearness[i].masked_select(seen);
    if (truth.numel() < 2) continue;
    const double range = std::max(target.range[i].item<double>(), 0.02);
    const Tensor inverse = range + (1 - range) * truth;
    const Tensor found = aligned(guess, inverse).clamp_min(0.01);
    total.abs_rel += (inverse / found - 1).abs().mean().item<double>();
    const Tensor ratio = at::maximum(inverse / found, found / inverse);
    total.delta1 += (ratio < 1.25).to(at::kFloat).mean().item<double>();
    const Tensor difference = truth - truth.roll(pair_stride % truth.numel());
    const Tensor guessed = guess - guess.roll(pair_stride % truth.numel());
    const Tensor clear = difference.abs() > clear_difference;
    const Tensor right = (difference * guessed > 0).logical_and(clear);
    total.ordered += right.sum().item<double>() / std::max(clear.sum().item<double>(), 1.0);
  }
  const auto count = static_cast<double>(target.nearness.size(0));
  return {total.abs_rel / count, total.delta1 / count, total.ordered / count};
}

}  // namespace train_builtin
