// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "depth/depth_anything/config.hpp"

namespace depthcloud {

/// What a config.json states; everything is optional, and what is not there comes from the tensors
/// or from the table of published variants.
struct StatedConfig {
  std::optional<DepthAnythingFamily> family{};
  std::optional<bool> transformers{};  ///< written by that library
  std::string model_name{};            ///< DA3: distinguishes mono from metric

  std::optional<int> embed_dim{};
  std::optional<int> blocks{};
  std::optional<int> heads{};
  std::optional<std::array<int, 4>> out_layers{};  ///< counted from 0
  std::optional<int> alt_start{};
  std::optional<int> qknorm_start{};
  std::optional<int> rope_start{};
  std::optional<bool> cat_token{};
  std::optional<int> pos_embed_grid{};

  std::optional<DepthHead> head{};
  std::optional<int> head_dim_in{};
  std::optional<int> features{};
  std::optional<std::array<int, 4>> out_channels{};

  std::optional<bool> camera_encoder{};
  std::optional<bool> camera_decoder{};
  std::optional<bool> metric{};       ///< V2
  std::optional<double> max_depth{};  ///< V2, metres
};

/// Reads the config.json of a Depth Anything 3 repository, of a V2 repository in the layout of
/// `transformers`, or a smaller one that states the same keys. Errors (stage load): bad_model (not
/// JSON, a key of another type or out of its range), limit_exceeded (text or nesting), unsupported
/// (giant and nested models, another patch size or norm, the `model_type` of another network).
StatedConfig parse_depth_anything_json(std::string_view text);

}  // namespace depthcloud
