// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include <ATen/core/Tensor.h>

#include "depth/nn/int8_linear.hpp"
#include "depth/nn/parameters.hpp"

namespace depthcloud::nn {

/// Matrix products on the CPU use oneDNN's convolution, because the speed of `at::linear` and
/// `at::matmul` in f32 depends on the installed BLAS. With channels last, plain weights are as fast
/// as reordered ones, so they stay in the mapped file.

/// x w^T + b over the last dimension of x, [..., in] -> [..., out], in the type of w. All of them
/// contiguous; `bias` may be undefined.
at::Tensor affine(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// Whether affine() works in bf16 on this CPU: found by trying, once a process.
bool cpu_multiplies_bf16();

class Linear {
 public:
  Linear(const Parameters& parameters, std::int64_t in, std::int64_t out);
  /// [..., in], of any floating type -> [..., out] in the type of the weights, f32 for int8.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  std::optional<Int8Linear> int8_;  ///< in place of both
};

/// Over the last dimension, in f32.
class LayerNorm {
 public:
  LayerNorm(const Parameters& parameters, std::int64_t size, double epsilon);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  double epsilon_;
};

struct Conv2dOptions {
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  bool bias = true;
};

/// [B, in, H, W] -> [B, out, H', W'], f32, channels last.
class Conv2d {
 public:
  Conv2d(const Parameters& parameters, std::int64_t in, std::int64_t out,
         const Conv2dOptions& options = {});
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
  Conv2dOptions options_;
};

/// Values [B, H, W, side * side * C], a tile of pixels each, as a view of the map that they make:
/// [B, H, side, W, side, C].
at::Tensor as_tiles(const at::Tensor& values, std::int64_t side);
/// That view as the map itself, [B, C, side H, side W], channels last.
at::Tensor tiles_to_map(const at::Tensor& tiles);

/// A transposed convolution whose kernel is its stride, so that every input pixel makes a tile of
/// its own: one matrix product. [B, in, H, W] -> [B, out, stride H, stride W], f32, channels last.
class TileUpsample {
 public:
  TileUpsample(const Parameters& parameters, std::int64_t in, std::int64_t out,
               std::int64_t stride);
  at::Tensor operator()(const at::Tensor& x) const { return tiles_to_map(tiles(x)); }
  /// The same as as_tiles() gives it, before it is copied into the order of a map.
  at::Tensor tiles(const at::Tensor& x) const;

 private:
  at::Tensor weight_;  ///< [stride * stride * out, in]
  at::Tensor bias_;
  std::int64_t stride_;
};

}  // namespace depthcloud::nn
