// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "depth/moge/config.hpp"
#include "depth/nn/layers.hpp"
#include "depth/nn/parameters.hpp"

namespace depthcloud {

/// A 3 x 3 convolution whose border pixels are repeated. In f32.
class ReplicateConv {
 public:
  ReplicateConv(const nn::Parameters& parameters, std::int64_t in, std::int64_t out);
  at::Tensor operator()(const at::Tensor& x) const;
  /// The same of relu(x).
  at::Tensor of_relu(const at::Tensor& x) const;
  /// The same of tiles as nn::TileUpsample::tiles() gives them.
  at::Tensor of_tiles(const at::Tensor& tiles) const;

 private:
  nn::Conv2d conv_;
};

/// Bilinear enlargement to twice the size followed by a 3 x 3 convolution with repeated border
/// pixels, as one convolution of the small map: each of the four pixels that a pixel becomes has a
/// kernel of its own. Repeating the border commutes with the enlargement, so the result is the
/// same, and the enlarged map never exists.
class BilinearConv {
 public:
  BilinearConv(const nn::Parameters& parameters, std::int64_t in, std::int64_t out);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  ReplicateConv conv_;  ///< to 4 out channels
};

/// The neck or a head of MoGe-2. In f32. Thread-safety: share freely.
class MogeStack {
 public:
  using Levels = std::array<at::Tensor, MogeStackConfig::levels>;

  MogeStack(const nn::Parameters& parameters, const MogeStackConfig& config);

  /// What comes out of each level, [B, dims, H 2^l, W 2^l], for what goes into it, [B, dim_in, ..].
  Levels operator()(const Levels& inputs) const;
  /// The last level's output block on what comes out of the last level.
  at::Tensor output(const at::Tensor& last) const;

 private:
  struct ResidualBlock {
    ReplicateConv first;
    ReplicateConv second;
    at::Tensor operator()(const at::Tensor& x) const;
  };

  /// How one level becomes the next.
  class Resampler {
   public:
    Resampler(const nn::Parameters& parameters, MogeStackConfig::Resampler kind, std::int64_t in,
              std::int64_t out);
    at::Tensor operator()(const at::Tensor& x) const;

   private:
    std::optional<nn::TileUpsample> transposed_;
    std::optional<ReplicateConv> conv_;
    std::optional<BilinearConv> bilinear_;
  };

  std::vector<nn::Conv2d> inputs_;
  std::vector<std::vector<ResidualBlock>> blocks_;
  std::vector<Resampler> resamplers_;
  std::optional<nn::Conv2d> output_;
};

}  // namespace depthcloud
