// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stop_token>
#include <vector>

#include <ATen/core/Tensor.h>

#include "depth/grid.hpp"
#include "depth/moge/config.hpp"
#include "depth/moge/conv_stack.hpp"
#include "depth/nn/layers.hpp"
#include "depth/nn/parameters.hpp"
#include "depth/nn/vit.hpp"

namespace depthcloud {

/// The output of MoGe-2 for B images of one size, at that size.
struct MogeOutput {
  at::Tensor points;   ///< [B, 3, H, W]: the point map, up to a shift of z and the metric scale
  at::Tensor mask;     ///< [B, H, W]: probability that a pixel has geometry; or undefined
  at::Tensor normals;  ///< [B, 3, H, W]: unit vectors, `opencv` axes; undefined: not asked for
  at::Tensor scale;    ///< [B]: metres of the point map's unit; or undefined
};

/// The network of MoGe-2 (Wang et al., 2025). Thread-safety: one thread at a time.
class Moge {
 public:
  /// The transformer computes in the type of `parameters`, the rest in f32. The normal head is read
  /// only `with_normals`, and only where there is one. A stop ends a pass between two blocks of the
  /// transformer or two of the stacks with Error{cancelled}.
  Moge(const MogeConfig& config, const nn::Parameters& parameters, bool with_normals,
       const std::stop_token& stop = {});

  /// Normalised images [B, 3, H, W], H and W multiples of 14, all made of images of this size.
  MogeOutput operator()(const at::Tensor& images, const Grid& image);

  // The steps, in their order.
  struct Encoded {
    at::Tensor features;     ///< [B, E, rows, columns]
    at::Tensor class_token;  ///< [B, C]
  };
  Encoded encode(const at::Tensor& images);
  MogeStack::Levels neck(const at::Tensor& features, const Grid& image) const;
  /// What a head gives, 16 times as large as the token grid.
  at::Tensor points_head(const MogeStack::Levels& levels) const;
  at::Tensor mask_head(const MogeStack::Levels& levels) const;
  at::Tensor normal_head(const MogeStack::Levels& levels) const;
  /// Before the exponential.
  at::Tensor scale_head(const at::Tensor& class_token) const;

 private:
  MogeOutput decode(const Encoded& encoded, const Grid& image) const;

  MogeConfig config_;
  std::stop_token stop_;
  nn::Vit backbone_;
  nn::LayerNorm class_norm_;
  std::vector<nn::Conv2d> projections_;
  MogeStack neck_;
  MogeStack points_head_;
  std::optional<MogeStack> mask_head_;
  std::optional<MogeStack> normal_head_;
  std::vector<nn::Linear> scale_head_;
};

/// Where each pixel of a map of this size lies in the view plane of an image: [1, 2, rows,
/// columns], u to the right and v downwards, in units of half the image's diagonal.
at::Tensor view_plane_uv(const Grid& map, const Grid& image, const at::Device& device);

/// The points of what the points head says, [B, 3, ..].
at::Tensor remap_points(const at::Tensor& raw, MogeRemap remap);

}  // namespace depthcloud
