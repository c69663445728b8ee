// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include "depth/builtin_network.hpp"

namespace train_builtin {

/// The scalar to minimise; `target` is inverse depth [B, H, W] with median 1, 0 for sky.
at::Tensor depth_loss(const depthcloud::BuiltinOutput& output, const at::Tensor& target);

/// Errors of depth after one scale a picture, over what is not sky.
struct Accuracy {
  double abs_rel = 0;  ///< mean |depth - truth| / truth
  double delta1 = 0;   ///< share of pixels within a factor of 1.25
};
Accuracy accuracy(const at::Tensor& inverse_depth, const at::Tensor& target);

}  // namespace train_builtin
