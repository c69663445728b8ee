// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include <ATen/core/Tensor.h>

#include "depth/nn/layers.hpp"
#include "depth/nn/rope.hpp"

namespace depthcloud::nn {

/// softmax(q k^T / sqrt(D)) v for each head: [B, heads, T, D] three times -> [B, T, heads D]. On
/// the CPU the T x T matrix of scores never exists as a whole.
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);

/// Multi-head self-attention, optionally with normalised queries and keys.
class Attention {
 public:
  struct Options {
    std::int64_t dim = 0;
    std::int64_t heads = 0;
    std::optional<double> qk_norm_epsilon{};  ///< none: queries and keys stay as they are
  };
  struct Heads {
    at::Tensor q, k, v;  ///< [B, heads, T, D]
  };

  Attention(const Parameters& parameters, const Options& options);

  /// Queries and keys after norm and rotation.
  Heads project(const at::Tensor& x, const Rope* rope) const;
  /// [B, T, C] -> [B, T, C]. `rope` may be null.
  at::Tensor operator()(const at::Tensor& x, const Rope* rope) const;

 private:
  std::int64_t heads_;
  at::ScalarType type_;  ///< of the products of attention
  Linear qkv_;
  Linear proj_;
  std::optional<LayerNorm> q_norm_;
  std::optional<LayerNorm> k_norm_;
};

}  // namespace depthcloud::nn
