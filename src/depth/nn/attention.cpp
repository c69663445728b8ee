// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/attention.hpp"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/api/include/torch/version.h>

#include "depth/nn/softmax_rows.hpp"

namespace depthcloud::nn {
namespace {

/// Number of rows of the score matrix per block. Blocks are about equal; there are few, because
/// oneDNN reorders the keys for each, but at least one per thread, and each fits in the caches of a
/// core.
std::int64_t rows_per_block(std::int64_t tokens, std::int64_t matrices) {
  constexpr std::int64_t scores = 1 << 19;
  constexpr std::int64_t fewest = 32;
  const std::int64_t blocks =
      std::max(at::divup(tokens * tokens, scores), at::divup(at::get_num_threads(), matrices));
  return std::max(at::divup(tokens, blocks), fewest);
}

/// Of rows on the CPU, in place.
at::Tensor softmax_(at::Tensor scores) {
  const auto rows = static_cast<std::size_t>(scores.size(0));
  const auto columns = static_cast<std::size_t>(scores.size(1));
  switch (scores.scalar_type()) {
    case at::kFloat:
      softmax_rows(scores.data_ptr<float>(), rows, columns);
      return scores;
    case at::kBFloat16:
      softmax_rows(reinterpret_cast<std::uint16_t*>(scores.data_ptr()), rows, columns);
      return scores;
    default:
      return scores.softmax(-1);
  }
}

at::Tensor attend_in_blocks(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const std::int64_t batch = q.size(0);
  const std::int64_t heads = q.size(1);
  const std::int64_t tokens = q.size(2);
  const std::int64_t dim = q.size(3);
  const at::Tensor queries = q.contiguous();
  const at::Tensor keys = k.contiguous();
  const at::Tensor values = v.transpose(2, 3).contiguous();
  at::Tensor out = at::empty({batch, tokens, heads, dim}, q.options());

  const std::int64_t rows = rows_per_block(tokens, batch * heads);
  const std::int64_t blocks = at::divup(tokens, rows);
  const bool inference = c10::InferenceMode::is_enabled();
  at::parallel_for(0, batch * heads * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    const c10::InferenceMode same_as_caller(inference);
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t image = task / (heads * blocks);
      const std::int64_t head = task / blocks % heads;
      const std::int64_t first = task % blocks * rows;
      const std::int64_t count = std::min(rows, tokens - first);
      const at::Tensor block = queries[image][head].narrow(0, first, count);
      const at::Tensor scores = softmax_(affine(block, keys[image][head], {}));
      const at::Tensor mixed = affine(scores, values[image][head], {});
      out[image].narrow(0, first, count).select(1, head).copy_(mixed);
    }
  });
  return out.view({batch, tokens, heads * dim});
}

at::Tensor attend_at_once(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
#if TORCH_VERSION_MAJOR >= 2
  const at::Tensor mixed = at::scaled_dot_product_attention(q, k, v, {}, 0.0, false, 1.0);
#else
  const at::Tensor mixed = at::matmul(at::matmul(q, k.transpose(2, 3)).softmax(-1), v);
#endif
  return mixed.transpose(1, 2).flatten(2);
}

/// LibTorch 2 fuses attention. On the CPU that is the quicker way in f32; in bf16 it takes many
/// times as long as oneDNN's products wherever the processor has no AMX.
bool blocks_are_quicker(const at::Tensor& q) {
  return q.is_cpu() && (TORCH_VERSION_MAJOR < 2 || q.scalar_type() != at::kFloat);
}

}  // namespace

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const at::Tensor scaled = q * (1.0 / std::sqrt(static_cast<double>(q.size(3))));
  return blocks_are_quicker(q) ? attend_in_blocks(scaled, k, v) : attend_at_once(scaled, k, v);
}

Attention::Attention(const Parameters& parameters, const Options& options)
    : heads_(options.heads),
      type_(parameters.activation_type()),
      qkv_(parameters.under("qkv"), options.dim, 3 * options.dim),
      proj_(parameters.under("proj"), options.dim, options.dim) {
  if (options.qk_norm_epsilon) {
    const std::int64_t head_dim = options.dim / options.heads;
    q_norm_.emplace(parameters.under("q_norm"), head_dim, *options.qk_norm_epsilon);
    k_norm_.emplace(parameters.under("k_norm"), head_dim, *options.qk_norm_epsilon);
  }
}

Attention::Heads Attention::project(const at::Tensor& x, const Rope* rope) const {
  const at::Tensor joint =
      qkv_(x).view({x.size(0), x.size(1), 3, heads_, x.size(2) / heads_}).permute({2, 0, 3, 1, 4});
  Heads result{joint[0], joint[1], joint[2]};
  if (q_norm_) {
    result.q = (*q_norm_)(result.q);
    result.k = (*k_norm_)(result.k);
  }
  if (rope != nullptr) {
    result.q = (*rope)(result.q.to(at::kFloat));
    result.k = (*rope)(result.k.to(at::kFloat));
  }
  return {result.q.to(type_), result.k.to(type_), result.v.to(type_)};
}

at::Tensor Attention::operator()(const at::Tensor& x, const Rope* rope) const {
  const Heads heads = project(x, rope);
  return proj_(attend(heads.q, heads.k, heads.v));
}

}  // namespace depthcloud::nn
