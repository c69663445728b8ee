// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <stop_token>

#include <ATen/core/Tensor.h>

#include "depth/depth_anything/config.hpp"
#include "depth/nn/camera.hpp"
#include "depth/nn/dpt_head.hpp"
#include "depth/nn/parameters.hpp"
#include "depth/nn/vit.hpp"

namespace depthcloud {

/// The output of a Depth Anything network for B scenes with S views each, at the size of its input.
struct DepthAnythingOutput {
  at::Tensor depth;       ///< [B, S, H, W]; see DepthMeaning
  at::Tensor confidence;  ///< [B, S, H, W], above 1; any-view models
  at::Tensor sky;         ///< [B, S, H, W], 0 on the ground; models with a sky branch
  std::optional<nn::Cameras> cameras{};  ///< models with a camera decoder
};

/// A Depth Anything 3 or V2 network. Thread-safety: one thread at a time.
class DepthAnything {
 public:
  /// The backbone computes in the type of `parameters`, the rest in f32. A stop ends a pass between
  /// two blocks of the backbone or two views of the head with Error{cancelled}.
  DepthAnything(const DepthAnythingConfig& config, const nn::Parameters& parameters,
                const std::stop_token& stop = {});

  /// `images` is [B, S, 3, H, W], normalised, H and W multiples of 14; the views of a scene see
  /// each other. `known` cameras steer an any-view model that has a camera encoder: their
  /// extrinsics are those that normalized_extrinsics() gives. Without them `reference` chooses the
  /// view that comes first.
  DepthAnythingOutput operator()(const at::Tensor& images,
                                 const std::optional<nn::Cameras>& known = {},
                                 ReferenceView reference = ReferenceView::saddle_balanced);

 private:
  at::Tensor activate(const at::Tensor& values) const;

  DepthAnythingConfig config_;
  std::stop_token stop_;
  nn::Vit backbone_;
  nn::DptHead head_;
  std::optional<nn::CameraDecoder> camera_decoder_;
  std::optional<nn::CameraEncoder> camera_encoder_;
};

/// Depth of a model of DepthMeaning::focal_metric in metres, for a focal length in pixels of the
/// map.
at::Tensor to_metres(const at::Tensor& depth, double focal);

/// Where a model with a sky branch sees ground: below this value of its sky map.
inline constexpr double ground_below = 0.3;

/// Depth [S, H, W] of one scene with sky pixels at the 0.99-quantile of the depth of all others,
/// which the networks' authors do because they predict nothing sensible there. Unchanged where
/// there is hardly any sky or ground.
at::Tensor fill_sky(const at::Tensor& depth, const at::Tensor& sky);

}  // namespace depthcloud
