// SPDX-License-Identifier: Apache-2.0
#include "loss.hpp"

#include <ATen/ATen.h>

namespace train_builtin {
namespace {

using at::Tensor;

constexpr double sky_offset = 0.05;   ///< keeps the logarithm of sky finite
constexpr double scale_weight = 0.3;  ///< of the picture's mean error: holds the scale steady
constexpr double gradient_weight = 1.0;
constexpr double confidence_weight = 0.2;
constexpr double confidence_error = 0.2;  ///< log error at which confidence should be 1/e
constexpr int gradient_scales = 4;

/// Differences of the error between neighbours, over four scales (Li and Snavely, MegaDepth, 2018):
/// edges where the truth has them, and smooth where it is smooth.
Tensor gradient_loss(Tensor error) {
  Tensor sum = at::zeros({}, error.options());
  error = error.unsqueeze(1);
  for (int scale = 0; scale < gradient_scales; ++scale) {
    const Tensor along_u = error.slice(3, 1) - error.slice(3, 0, -1);
    const Tensor along_v = error.slice(2, 1) - error.slice(2, 0, -1);
    sum = sum + along_u.abs().mean() + along_v.abs().mean();
    error = at::avg_pool2d(error, 2);
  }
  return sum;
}

}  // namespace

at::Tensor depth_loss(const depthcloud::BuiltinOutput& output, const at::Tensor& target) {
  const Tensor error = (output.inverse_depth + sky_offset).log() - (target + sky_offset).log();
  const Tensor mean = error.mean({1, 2}, /*keepdim=*/true);
  const Tensor residual = (error - mean).abs();
  const Tensor deserved = (residual.detach() / -confidence_error).exp();
  return residual.mean() + scale_weight * mean.abs().mean() +
         gradient_weight * gradient_loss(error) +
         confidence_weight * at::binary_cross_entropy(output.confidence, deserved);
}

Accuracy accuracy(const at::Tensor& inverse_depth, const at::Tensor& target) {
  Accuracy total;
  for (std::int64_t i = 0; i < target.size(0); ++i) {
    const Tensor seen = target[i] > 0;
    const Tensor truth = target[i].masked_select(seen).reciprocal();
    Tensor depth = inverse_depth[i].masked_select(seen).clamp_min(1e-3).reciprocal();
    if (truth.numel() == 0) continue;
    depth = depth * (truth / depth).median();
    const Tensor ratio = at::maximum(depth / truth, truth / depth);
    total.abs_rel += ((depth - truth).abs() / truth).mean().item<double>();
    total.delta1 += (ratio < 1.25).to(at::kFloat).mean().item<double>();
  }
  const auto count = static_cast<double>(target.size(0));
  return {total.abs_rel / count, total.delta1 / count};
}

}  // namespace train_builtin
