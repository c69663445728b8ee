// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include <ATen/core/Tensor.h>

#include <depthcloud/estimator.hpp>

#include "depth/nn/layers.hpp"
#include "depth/nn/parameters.hpp"
#include "depth/nn/rope.hpp"
#include "depth/nn/transformer_block.hpp"
#include "depth/nn/vit_config.hpp"

namespace depthcloud::nn {

/// Size of an image in patches.
struct PatchGrid {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t count() const { return height * width; }
  bool operator==(const PatchGrid&) const = default;
};

/// What the head reads of one block.
struct Feature {
  at::Tensor patches;  ///< [B, S, N, F]
  at::Tensor camera;   ///< [B, S, F], of the class or camera token
};

/// The DINOv2 vision transformer of Depth Anything and MoGe (Oquab et al., 2023). Depth Anything 3
/// adds, from some block on, a camera token, normalised queries and keys, rotary positions and
/// attention across views in every second block. Thread-safety: one thread at a time.
class Vit {
 public:
  /// A stop ends a pass between two blocks with Error{cancelled}.
  Vit(const Parameters& parameters, const VitConfig& config, const std::stop_token& stop = {});

  /// Images [B, S, 3, H, W] of S views of one scene, H and W multiples of the patch, to the
  /// features of the four out-layers. `camera_tokens`, [B, S, C], stand for known cameras; usually
  /// undefined, and then `reference` says which view comes first from three views on.
  std::array<Feature, 4> operator()(const at::Tensor& images, const at::Tensor& camera_tokens = {},
                                    ReferenceView reference = ReferenceView::saddle_balanced);

  /// Class token and patches of each view with their positions added: [B, S, 1 + N, C].
  at::Tensor embed(const at::Tensor& images);

  /// The stored position embedding on another grid, [1, 1 + N, C].
  at::Tensor position_embedding(const PatchGrid& grid) const;

  /// Block `index` on [B, S, 1 + N, C], within each view or across all of them.
  at::Tensor run_block(std::size_t index, const at::Tensor& x, const PatchGrid& grid);

  /// x with the class token of each view replaced, as happens before the first alternating block:
  /// by `camera_tokens` or, where they are undefined, by the learned ones.
  at::Tensor with_camera_tokens(const at::Tensor& x, const at::Tensor& camera_tokens) const;

  /// Whether a block looks across views.
  bool is_global(std::size_t index) const;
  const TransformerBlock& block(std::size_t index) const { return blocks_[index]; }
  const Rope* rope(std::size_t index, std::int64_t views, const PatchGrid& grid);

 private:
  /// What depends on the size of the input alone.
  struct Positions {
    PatchGrid grid;
    std::int64_t views = 0;
    at::Tensor embedding;
    std::optional<Rope> local;
    std::optional<Rope> global;
  };
  const Positions& positions(std::int64_t views, const PatchGrid& grid);

  VitConfig config_;
  std::stop_token stop_;
  Linear patch_embed_;
  at::Tensor class_token_;     ///< [1, 1, C]
  at::Tensor camera_token_;    ///< [1, 2, C]: of the first view, of all others; or undefined
  at::Tensor position_embed_;  ///< [1, 1 + M M, C]
  std::vector<TransformerBlock> blocks_;
  LayerNorm norm_;
  Positions positions_;
};

/// How block `index` of a network is made.
TransformerBlock::Options block_options(const VitConfig& config, int index);

/// For each scene of x, [B, S, T, C], the order of its views that puts the reference view first and
/// keeps the others: [B, S] indices. The class tokens of the views decide, see ReferenceView.
at::Tensor reference_first(const at::Tensor& x,
                           ReferenceView reference = ReferenceView::saddle_balanced);

}  // namespace depthcloud::nn
