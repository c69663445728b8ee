// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "depth/nn/camera_config.hpp"
#include "depth/nn/layers.hpp"
#include "depth/nn/parameters.hpp"
#include "depth/nn/transformer_block.hpp"
#include "depth/nn/uv_embedding.hpp"

namespace depthcloud::nn {

/// Pinhole cameras at the size that the network sees.
struct Cameras {
  at::Tensor extrinsics;  ///< [B, S, 3, 4], world to camera, OpenCV axes
  at::Tensor intrinsics;  ///< [B, S, 3, 3]
};

/// Cameras as the network writes them, [B, S, 9]: translation and rotation (quaternion x, y, z, w)
/// from camera to world, vertical and horizontal field of view in radians.
Cameras decode_cameras(const at::Tensor& code, const ImageSize& image);

/// The inverse, with a unit quaternion whose w is not negative. `extrinsics` may have four rows.
at::Tensor encode_cameras(const Cameras& cameras, const ImageSize& image);

/// Predicts the camera of each view.
class CameraDecoder {
 public:
  CameraDecoder(const Parameters& parameters, std::int64_t feature_dim);
  /// Camera features [B, S, F] of the last out-layer to camera codes.
  at::Tensor operator()(const at::Tensor& feature) const;

 private:
  Linear hidden1_;
  Linear hidden2_;
  Linear translation_;
  Linear quaternion_;
  Linear fov_;
};

/// Turns known cameras into the tokens that stand for them in the transformer.
class CameraEncoder {
 public:
  CameraEncoder(const Parameters& parameters, std::int64_t dim);
  /// Camera codes to tokens [B, S, C].
  at::Tensor operator()(const at::Tensor& code) const;

 private:
  Linear fc1_;
  Linear fc2_;
  LayerNorm token_norm_;
  std::vector<TransformerBlock> trunk_;
  LayerNorm trunk_norm_;
};

}  // namespace depthcloud::nn
