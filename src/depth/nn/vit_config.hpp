// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

namespace depthcloud {

/// A DINOv2 vision transformer: patches of 14 pixels, MLP ratio 4, erf GELU, LayerScale.
struct VitConfig {
  static constexpr int patch = 14;
  static constexpr int mlp_ratio = 4;
  static constexpr double rope_base = 100.0;
  static constexpr double block_norm_epsilon = 1e-6;
  static constexpr double qk_norm_epsilon = 1e-5;
  static constexpr int max_embed_dim = 4096;  ///< limits for untrusted files
  static constexpr int max_blocks = 64;
  static constexpr int max_pos_embed_grid = 256;

  int embed_dim = 0;
  int blocks = 0;
  int heads = 0;
  /// Blocks that the head reads, counted from 0; -1 behind the last where they are fewer.
  std::array<int, 4> out_layers{};
  int alt_start = -1;      ///< first block of alternating local and global attention; -1: all local
  int qknorm_start = -1;   ///< first block that normalises queries and keys; -1: none
  int rope_start = -1;     ///< first block with rotary positions; -1: none
  bool cat_token = false;  ///< features are [last local block, this block], twice as wide
  int pos_embed_grid = 37;  ///< the stored position embedding is this many patches square
  double final_norm_epsilon = 1e-6;

  int head_dim() const { return embed_dim / heads; }
  /// Channels of one feature map that the head reads.
  int feature_dim() const { return cat_token ? 2 * embed_dim : embed_dim; }
  bool operator==(const VitConfig&) const = default;
};

}  // namespace depthcloud
