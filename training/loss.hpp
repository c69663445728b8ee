// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include "depth/builtin/network.hpp"

namespace train_builtin {

/// What the network should say about a batch of photos.
struct Target {
  at::Tensor
      nearness;      ///< [B, H, W] inverse depth, its 4 % quantile at 0 and its 96 % at 1, clamped
  at::Tensor sky;    ///< [B, H, W], 1 for sky
  at::Tensor range;  ///< [B] the 4 % quantile over the 96 %
};

/// The scalar to minimise. `gradient_weight`: of the differences of the error between neighbours.
at::Tensor depth_loss(const depthcloud::BuiltinLogits& logits, const Target& target,
                      double gradient_weight);

/// Errors of depth after the least-squares scale and shift of inverse depth of each picture, over
/// what is not sky and within the quantiles.
struct Accuracy {
  double abs_rel = 0;  ///< mean |depth - truth| / truth
  double delta1 = 0;   ///< share of pixels within a factor of 1.25
  double ordered = 0;  ///< share of pixel pairs of clearly different nearness in the right order
};
Accuracy accuracy(const at::Tensor& nearness, const Target& target);

}  // namespace train_builtin
