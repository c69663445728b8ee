// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "depth/nn/checkpoint.hpp"
#include "depth/nn/dpt_config.hpp"
#include "depth/nn/vit_config.hpp"

namespace depthcloud {

enum class DepthAnythingFamily { v2, v3 };

/// What the head's numbers mean.
enum class DepthMeaning {
  relative,      ///< depth of unknown scale (DA3 any-view and mono)
  inverse,       ///< inverse depth of unknown scale and shift (V2)
  focal_metric,  ///< metres after times focal length in pixels of the grid / 300 (DA3 metric)
  metric,        ///< metres: max_depth times a sigmoid (V2 metric)
};

/// How the tensors of a checkpoint are named.
enum class KeyLayout {
  da3,       ///< model.backbone.pretrained.*, model.head.*, model.cam_{enc,dec}.*
  official,  ///< pretrained.*, depth_head.* (V2)
  chunked,   ///< backbone.*, with blocks.0.N for block N, depth_head.* (Distill-Any-Depth Large)
  transformers,  ///< backbone.*, neck.*, head.* of the V2 `-hf` repositories; q, k, v apart
};

/// Everything that the network's code must know to build itself for one checkpoint.
struct DepthAnythingConfig {
  std::string name;     ///< the published variant, for instance "da3-small"; else "da3-custom"
  std::string license;  ///< of the published weights; empty: not a published variant
  DepthAnythingFamily family = DepthAnythingFamily::v3;
  KeyLayout layout = KeyLayout::da3;
  DepthMeaning meaning = DepthMeaning::relative;
  double max_depth = 0;   ///< metres at the sigmoid's 1 (DepthMeaning::metric); else 0
  int process_res = 504;  ///< the published default: 504 (DA3, longer side), 518 (V2, shorter side)
  VitConfig vit{};
  DepthHeadConfig head{};
  bool camera_decoder = false;  ///< predicts the pose and focal lengths of each view
  bool camera_encoder = false;  ///< takes the pose of each view
  bool ray_branch = false;      ///< the tensors of the ray head exist
  bool assumed_v2 = false;      ///< nothing says whether it is V1 or V2, whose tensors are the same

  bool is_metric() const {
    return meaning == DepthMeaning::metric || meaning == DepthMeaning::focal_metric;
  }
  bool operator==(const DepthAnythingConfig&) const = default;
};

/// What was recognised, in words, such as "Depth Anything 3 any-view: ViT of 12 blocks x 384, ...".
std::string architecture(const DepthAnythingConfig& config);
/// What the network expects of a photo, in words.
std::string expected_input(const DepthAnythingConfig& config);

/// Recognises a checkpoint and checks that every tensor of the network exists in its shape, and
/// none beside. Sizes come from the tensors, the rest from config.json or, without one, from the
/// table of published variants. Errors (stage load): bad_model (a tensor is missing, unknown or of
/// another shape; config.json is not valid or disagrees with a tensor), unsupported
/// (giant and nested models). Thread-safety: share freely.
DepthAnythingConfig recognise_depth_anything(const TensorShapes& tensors,
                                             const CheckpointNotes& notes = {});

}  // namespace depthcloud
