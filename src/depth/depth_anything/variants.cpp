// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/variants.hpp"

#include <array>

namespace depthcloud {
namespace {

constexpr const char* apache = "Apache-2.0";
constexpr const char* non_commercial = "CC-BY-NC-4.0";

VitConfig any_view(int dim, int blocks, std::array<int, 4> out_layers, int start) {
  return {.embed_dim = dim,
          .blocks = blocks,
          .heads = dim / 64,
          .out_layers = out_layers,
          .alt_start = start,
          .qknorm_start = start,
          .rope_start = start,
          .cat_token = true,
          .final_norm_epsilon = 1e-5};
}

VitConfig plain(int dim, int blocks, std::array<int, 4> out_layers, double final_norm_epsilon) {
  return {.embed_dim = dim,
          .blocks = blocks,
          .heads = dim / 64,
          .out_layers = out_layers,
          .final_norm_epsilon = final_norm_epsilon};
}

}  // namespace

const std::vector<DepthAnythingVariant>& depth_anything_variants() {
  using enum DepthMeaning;
  using enum DepthHead;
  constexpr auto v3 = DepthAnythingFamily::v3;
  constexpr auto v2 = DepthAnythingFamily::v2;
  static const VitConfig da3_plain_large = plain(1024, 24, {4, 11, 17, 23}, 1e-5);
  // V1 reads the last four blocks (its dpt.py, get_intermediate_layers(x, 4)); else it is V2's
  // network.
  static const VitConfig v1_small = plain(384, 12, {8, 9, 10, 11}, 1e-6);
  static const VitConfig v1_base = plain(768, 12, {8, 9, 10, 11}, 1e-6);
  static const VitConfig v1_large = plain(1024, 24, {20, 21, 22, 23}, 1e-6);
  static const VitConfig v2_small = plain(384, 12, {2, 5, 8, 11}, 1e-6);
  static const VitConfig v2_base = plain(768, 12, {2, 5, 8, 11}, 1e-6);
  static const VitConfig v2_large = plain(1024, 24, {4, 11, 17, 23}, 1e-6);
  const auto small = [](DepthHead kind) { return DepthHeadConfig{kind, 64, {48, 96, 192, 384}}; };
  const auto base = [](DepthHead kind) { return DepthHeadConfig{kind, 128, {96, 192, 384, 768}}; };
  const auto large = [](DepthHead kind) {
    return DepthHeadConfig{kind, 256, {256, 512, 1024, 1024}};
  };
  static const std::vector<DepthAnythingVariant> all = {
      {"da3-small", apache, v3, relative, any_view(384, 12, {5, 7, 9, 11}, 4), small(dual_dpt)},
      {"da3-base", apache, v3, relative, any_view(768, 12, {5, 7, 9, 11}, 4), base(dual_dpt)},
      {"da3-large", non_commercial, v3, relative, any_view(1024, 24, {11, 15, 19, 23}, 8),
       large(dual_dpt)},
      {"da3mono-large", apache, v3, relative, da3_plain_large, large(dpt_sky)},
      {"da3metric-large", apache, v3, focal_metric, da3_plain_large, large(dpt_sky)},
      {"depth-anything-v2-small", apache, v2, inverse, v2_small, small(dpt)},
      {"depth-anything-v2-base", non_commercial, v2, inverse, v2_base, base(dpt)},
      {"depth-anything-v2-large", non_commercial, v2, inverse, v2_large, large(dpt)},
      {"depth-anything-v1-small", apache, v2, inverse, v1_small, small(dpt)},
      {"depth-anything-v1-base", apache, v2, inverse, v1_base, base(dpt)},
      {"depth-anything-v1-large", apache, v2, inverse, v1_large, large(dpt)},
      {"depth-anything-v2-metric-small", apache, v2, metric, v2_small, small(dpt)},
      {"depth-anything-v2-metric-base", apache, v2, metric, v2_base, base(dpt)},
      {"depth-anything-v2-metric-large", apache, v2, metric, v2_large, large(dpt)},
  };
  return all;
}

}  // namespace depthcloud
