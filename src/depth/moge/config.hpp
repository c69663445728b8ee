// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>

#include "depth/nn/checkpoint.hpp"
#include "depth/nn/vit_config.hpp"

namespace depthcloud {

/// Five levels of convolutions, each twice as large as the one before: the neck and every head of
/// MoGe-2 are one.
struct MogeStackConfig {
  static constexpr std::size_t levels = 5;
  static constexpr int max_residual_blocks = 16;

  /// How a level is enlarged to the next; a 3 x 3 convolution follows.
  enum class Resampler { conv_transpose, bilinear };

  std::array<int, levels> dim_in{};
  std::array<int, levels> dims{};
  std::array<int, levels> residual_blocks{};
  std::array<Resampler, levels - 1> resamplers{};
  int dim_out = 0;  ///< of the last level's output block; 0: there is none (the neck)

  bool operator==(const MogeStackConfig&) const = default;
};

/// How the numbers p, q, r of the points head become a point.
enum class MogeRemap {
  linear,    ///< (p, q, r)
  sinh,      ///< sinh of each
  exp,       ///< (p exp r, q exp r, exp r)
  sinh_exp,  ///< (sinh p, sinh q, exp r)
};

/// Everything that the code of MoGe-2 (Wang et al., "MoGe-2: Accurate Monocular Geometry with
/// Metric Scale and Sharp Details", 2025) must know to build itself for one checkpoint.
struct MogeConfig {
  static constexpr int max_tokens_limit = 40'000;  ///< of any pass, whoever asks for it

  std::string name;     ///< the published variant, for instance "moge-2-vits-normal"
  std::string license;  ///< of the published weights; empty: not a published variant
  VitConfig vit{};      ///< `out_layers` are its intermediate layers
  int encoder_dim = 0;  ///< channels of the projected features
  MogeStackConfig neck{};
  MogeStackConfig points_head{};
  std::optional<MogeStackConfig> mask_head{};
  std::optional<MogeStackConfig> normal_head{};
  std::optional<std::array<int, 4>> scale_dims{};  ///< of the head of the metric scale
  MogeRemap remap = MogeRemap::exp;
  std::array<int, 2> token_range{1200, 3600};  ///< of resolution levels 0 and 9

  bool operator==(const MogeConfig&) const = default;
};

/// How many of `out_layers` are used.
std::size_t intermediate_layers(const MogeConfig& config);

/// What was recognised, in words, such as "MoGe-2: ViT of 12 blocks x 384, ...".
std::string architecture(const MogeConfig& config);
/// What the network expects of a photo, in words.
std::string expected_input(const MogeConfig& config);

/// The tensors that the network reads.
TensorShapes expected_tensors(const MogeConfig& config);

/// Recognises a checkpoint of MoGe-2 and checks that every tensor of the network exists in its
/// shape, and none beside. Sizes come from the tensors, the rest from `model_config` in the
/// checkpoint or in config.json, else they are those of the published models. Errors (stage load):
/// bad_model (a tensor is missing, unknown or of another shape; the configuration disagrees with a
/// tensor), unsupported (MoGe-1 and MoGe-3, layers that no published model has). Thread-safety:
/// share freely.
MogeConfig recognise_moge(const TensorShapes& tensors, const CheckpointNotes& notes = {});

}  // namespace depthcloud
