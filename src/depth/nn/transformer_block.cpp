// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/transformer_block.hpp"

#include <ATen/ATen.h>

namespace depthcloud::nn {

TransformerBlock::TransformerBlock(const Parameters& parameters, const Options& options)
    : norm1_(parameters.under("norm1"), options.attention.dim, options.norm_epsilon),
      attention_(parameters.under("attn"), options.attention),
      scale1_(parameters.under("ls1").f32("gamma", {options.attention.dim})),
      norm2_(parameters.under("norm2"), options.attention.dim, options.norm_epsilon),
      fc1_(parameters.under("mlp").under("fc1"), options.attention.dim,
           options.mlp_ratio * options.attention.dim),
      fc2_(parameters.under("mlp").under("fc2"), options.mlp_ratio * options.attention.dim,
           options.attention.dim),
      scale2_(parameters.under("ls2").f32("gamma", {options.attention.dim})) {}

at::Tensor TransformerBlock::operator()(const at::Tensor& x, const Rope* rope) const {
  const at::Tensor attended = attention_(norm1_(x), rope).to(at::kFloat);
  at::Tensor out = at::addcmul(x, scale1_, attended);
  const at::Tensor mlp = fc2_(at::gelu(fc1_(norm2_(out)))).to(at::kFloat);
  return out.addcmul_(scale2_, mlp);
}

}  // namespace depthcloud::nn
