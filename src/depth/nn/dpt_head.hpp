// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "depth/nn/dpt_config.hpp"
#include "depth/nn/layers.hpp"
#include "depth/nn/parameters.hpp"
#include "depth/nn/uv_embedding.hpp"
#include "depth/nn/vit.hpp"

namespace depthcloud::nn {

/// x + conv(relu(conv(relu(x)))).
class ResidualConvUnit {
 public:
  ResidualConvUnit(const Parameters& parameters, std::int64_t channels);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  Conv2d conv1_;
  Conv2d conv2_;
};

/// Merges the coarser map with the lateral one of a finer scale, and enlarges.
class FusionBlock {
 public:
  /// The coarsest block has no lateral input.
  FusionBlock(const Parameters& parameters, std::int64_t channels, bool lateral);
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& lateral,
                        const ImageSize& size) const;

 private:
  std::optional<ResidualConvUnit> lateral_unit_;
  ResidualConvUnit unit_;
  Conv2d out_conv_;
};

/// The dense prediction head of Depth Anything (Ranftl et al., "Vision Transformers for Dense
/// Prediction", 2021): four features become one map at the size of the image. In f32 throughout.
/// Its kinds differ in a row of the table in the .cpp: whether features are normalised and
/// positions added (DualDPT, whose second branch, the rays, is left out), how many values a pixel
/// gets, and whether there is a branch for the sky. Thread-safety: one thread at a time.
class DptHead {
 public:
  struct Maps {
    at::Tensor values;  ///< [Q, K, H, W]: depth and, of DualDPT, confidence, before activation
    at::Tensor sky;     ///< [Q, 1, H, W] before activation; undefined without such a branch
  };

  DptHead(const Parameters& parameters, const DepthHeadConfig& config, std::int64_t feature_dim);

  /// Patches [Q, N, F] of the four out-layers of images of a size.
  Maps operator()(const std::array<at::Tensor, 4>& features, const ImageSize& image);

  // The steps, in their order.
  at::Tensor normalize(const at::Tensor& feature) const;
  at::Tensor project(std::size_t scale, const at::Tensor& feature, const PatchGrid& grid) const;
  /// Adds positions in place.
  at::Tensor with_positions(const at::Tensor& map, const ImageSize& image);
  at::Tensor resize(std::size_t scale, const at::Tensor& projected) const;
  at::Tensor to_lateral(std::size_t scale, const at::Tensor& resized) const;
  at::Tensor fuse(std::size_t scale, const at::Tensor& x, const at::Tensor& lateral,
                  const ImageSize& size) const;
  at::Tensor reduce(const at::Tensor& fused) const;
  at::Tensor enlarge(const at::Tensor& reduced, const ImageSize& image);
  Maps predict(const at::Tensor& enlarged) const;

 private:
  /// Two convolutions that end in the values of a pixel.
  struct Output {
    Output(const Parameters& parameters, std::int64_t in, std::int64_t out);
    at::Tensor operator()(const at::Tensor& x) const;
    Conv2d conv;
    Conv2d values;
  };

  bool positions_;
  std::optional<LayerNorm> norm_;
  std::vector<Conv2d> projects_;
  TileUpsample resize_x4_;
  TileUpsample resize_x2_;
  Conv2d resize_half_;
  std::vector<Conv2d> laterals_;
  std::vector<FusionBlock> fusions_;
  Conv2d reduce_;
  Output output_;
  std::optional<Output> sky_output_;

  ImageSize embedded_size_;  ///< the image size of `embeddings_`
  std::vector<std::pair<std::array<std::int64_t, 3>, UvEmbedding>> embeddings_;
};

}  // namespace depthcloud::nn
