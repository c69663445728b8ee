// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "depth/nn/attention.hpp"
#include "depth/nn/layers.hpp"
#include "depth/nn/parameters.hpp"

namespace depthcloud::nn {

/// A pre-norm transformer block with LayerScale (Touvron et al., "Going deeper with Image
/// Transformers", 2021). The residual stream is f32 whatever the products compute in.
class TransformerBlock {
 public:
  struct Options {
    Attention::Options attention{};
    std::int64_t mlp_ratio = 4;
    double norm_epsilon = 0;
  };

  TransformerBlock(const Parameters& parameters, const Options& options);

  /// [B, T, C] -> a new [B, T, C]. `rope` may be null.
  at::Tensor operator()(const at::Tensor& x, const Rope* rope) const;

  /// What the attention of this block compares.
  Attention::Heads project(const at::Tensor& x, const Rope* rope) const {
    return attention_.project(norm1_(x), rope);
  }

 private:
  LayerNorm norm1_;
  Attention attention_;
  at::Tensor scale1_;
  LayerNorm norm2_;
  Linear fc1_;
  Linear fc2_;
  at::Tensor scale2_;
};

}  // namespace depthcloud::nn
