// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/precision.hpp"

#include <algorithm>
#include <array>

#include <ATen/ATen.h>

#include "depth/depth_anything/config.hpp"
#include "depth/nn/dpt_head.hpp"
#include "depth/nn/vit.hpp"
#include "depth/nn/vit_precision.hpp"

namespace depthcloud {
namespace {

DepthAnythingConfig tiny_config() {
  DepthAnythingConfig config;
  config.vit.embed_dim = 32;
  config.vit.blocks = 4;
  config.vit.heads = 2;
  config.vit.out_layers = {0, 1, 2, 3};
  config.vit.alt_start = 2;
  config.vit.qknorm_start = 2;
  config.vit.rope_start = 2;
  config.vit.cat_token = true;
  config.vit.pos_embed_grid = 2;
  config.head.kind = DepthHead::dual_dpt;
  config.head.features = 16;
  config.head.out_channels = {8, 8, 8, 8};
  return config;
}

}  // namespace

at::Tensor try_depth_anything(const at::Device& device, Precision precision) {
  constexpr std::int64_t side = 2 * VitConfig::patch;
  const DepthAnythingConfig config = tiny_config();
  const nn::Parameters weights = nn::made_up_weights(device, precision);
  nn::Vit backbone(weights, config.vit);
  nn::DptHead head(weights.with_precision(Precision::f32), config.head, config.vit.feature_dim());

  const auto features = backbone(nn::waves({1, 1, 3, side, side}).to(device));
  std::array<at::Tensor, 4> patches;
  std::transform(features.begin(), features.end(), patches.begin(),
                 [](const nn::Feature& feature) { return feature.patches.flatten(0, 1); });
  return at::cat({patches.back().flatten(), head(patches, {side, side}).values.flatten()});
}

}  // namespace depthcloud
