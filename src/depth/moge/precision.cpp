// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/precision.hpp"

#include <ATen/ATen.h>

#include "depth/moge/network.hpp"
#include "depth/nn/vit_precision.hpp"

namespace depthcloud {
namespace {

MogeConfig tiny_config() {
  using Resampler = MogeStackConfig::Resampler;
  MogeStackConfig head;
  head.dims = head.dim_in = {16, 8, 8, 8, 8};
  head.residual_blocks = {0, 1, 0, 0, 0};
  head.resamplers = {Resampler::conv_transpose, Resampler::conv_transpose,
                     Resampler::conv_transpose, Resampler::bilinear};
  head.dim_out = 3;
  MogeConfig config;
  config.vit.embed_dim = 32;
  config.vit.blocks = 2;
  config.vit.heads = 2;
  config.vit.out_layers = {0, 1, -1, -1};
  config.vit.pos_embed_grid = 2;
  config.encoder_dim = 16;
  config.neck = config.points_head = head;
  config.neck.dim_in = {18, 2, 2, 2, 2};
  config.neck.dim_out = 0;
  config.scale_dims = {32, 8, 8, 1};
  config.remap = MogeRemap::linear;
  return config;
}

}  // namespace

at::Tensor try_moge(const at::Device& device, Precision precision) {
  constexpr int side = 2 * VitConfig::patch;
  Moge network(tiny_config(), nn::made_up_weights(device, precision), /*with_normals=*/false);
  const MogeOutput output = network(nn::waves({1, 3, side, side}).to(device), {side, side});
  return at::cat({output.points.flatten(), output.scale});
}

}  // namespace depthcloud
