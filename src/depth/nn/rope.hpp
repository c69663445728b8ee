// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace depthcloud::nn {

/// Rotary position embedding in two dimensions (Heo et al., "Rotary Position Embedding for Vision
/// Transformer", 2024): the first half of a head's channels turns by the token's row, the second
/// by its column.
class Rope {
 public:
  /// `positions` is [T, 2] with (row, column) of each token.
  Rope(const at::Tensor& positions, std::int64_t head_dim, double base);
  /// [..., T, D], f32.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor on_cpu(const at::Tensor& x) const;
  at::Tensor by_operations(const at::Tensor& x) const;

  at::Tensor cos_;  ///< [T, 2, 1, D / 4]
  at::Tensor sin_;
};

/// Positions of `views` times a class token and height x width patches: the class token at (0, 0),
/// patches from (1, 1) on.
at::Tensor grid_positions(std::int64_t views, std::int64_t height, std::int64_t width);

/// The same tokens marked as class token, (0, 0), and patch, (1, 1), only.
at::Tensor kind_positions(std::int64_t views, std::int64_t patches);

}  // namespace depthcloud::nn
