// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "depth/moge/config.hpp"

namespace depthcloud {

/// What the configuration of a MoGe-2 checkpoint states.
struct MogeStatement {
  bool is_complete = false;  ///< there is a `model_config`, which the following are of
  int encoder_dim = 0;
  std::vector<int> layers{};  ///< encoder.intermediate_layers as a list
  int last_layers = 0;        ///< the same as a number: the last so many blocks
  std::optional<MogeStackConfig> neck{};
  std::optional<MogeStackConfig> points_head{};
  std::optional<MogeStackConfig> mask_head{};
  std::optional<MogeStackConfig> normal_head{};
  std::optional<std::array<int, 4>> scale_dims{};
  MogeRemap remap = MogeRemap::exp;
  std::array<int, 2> token_range{};

  std::optional<std::array<int, 2>> vit_dims{};  ///< channels and blocks of a named backbone
  std::optional<int> heads{};
};

/// Reads `model_config` of the checkpoint itself, else of its config.json, and `hparams` of the
/// latter, which describe a backbone that has no published name. Errors (stage load): bad_model
/// (not JSON, a key that is missing, of another type or out of its range), limit_exceeded,
/// unsupported (layers that no published model has).
MogeStatement read_moge_statement(const CheckpointNotes& notes);

}  // namespace depthcloud
