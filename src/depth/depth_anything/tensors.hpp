// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "depth/depth_anything/config.hpp"

namespace depthcloud {

/// Prefixes of the official names: "model.backbone.pretrained." and "model.head." (DA3),
/// "pretrained." and "depth_head." (V2).
std::string_view backbone_prefix(DepthAnythingFamily family) noexcept;
std::string_view head_prefix(DepthAnythingFamily family) noexcept;

/// The stored tensors whose concatenation along the first axis is the tensor of this official name:
/// one, its own name, except in the `transformers` layout, where names differ and attn.qkv.* is
/// query, key and value. The network asks for official names only.
std::vector<std::string> stored_names(KeyLayout layout, std::string_view official_name);

/// One tensor of the network.
struct ExpectedTensor {
  /// What it serves. `core` and the camera decoder, encoder and ray branch that a checkpoint has
  /// are complete or not there; `unused` tensors may each be left out.
  enum class Part { core, camera_decoder, camera_encoder, ray_branch, unused };

  std::string name;  ///< official
  std::vector<std::int64_t> shape;
  Part part = Part::core;
};

/// Every tensor that published checkpoints of this network hold, all parts included.
std::vector<ExpectedTensor> expected_tensors(const DepthAnythingConfig& config);

}  // namespace depthcloud
