// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/tensors.hpp"

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "depth/nn/camera_config.hpp"

namespace depthcloud {
namespace {

using Part = ExpectedTensor::Part;
using Shape = std::vector<std::int64_t>;

/// An official name and where another layout keeps it: `#` is a number and `*` the rest
/// of the name, copied over in this order.
struct KeyRule {
  std::string_view official;
  std::array<std::string_view, 3> stored;  ///< unused ones are empty
};

constexpr KeyRule transformers_rules[] = {
    {"pretrained.cls_token", {"backbone.embeddings.cls_token"}},
    {"pretrained.mask_token", {"backbone.embeddings.mask_token"}},
    {"pretrained.pos_embed", {"backbone.embeddings.position_embeddings"}},
    {"pretrained.patch_embed.proj.*", {"backbone.embeddings.patch_embeddings.projection.*"}},
    {"pretrained.norm.*", {"backbone.layernorm.*"}},
    {"pretrained.blocks.#.attn.qkv.*",
     {"backbone.encoder.layer.#.attention.attention.query.*",
      "backbone.encoder.layer.#.attention.attention.key.*",
      "backbone.encoder.layer.#.attention.attention.value.*"}},
    {"pretrained.blocks.#.attn.proj.*", {"backbone.encoder.layer.#.attention.output.dense.*"}},
    {"pretrained.blocks.#.ls#.gamma", {"backbone.encoder.layer.#.layer_scale#.lambda1"}},
    {"pretrained.blocks.#.*", {"backbone.encoder.layer.#.*"}},
    {"depth_head.projects.#.*", {"neck.reassemble_stage.layers.#.projection.*"}},
    {"depth_head.resize_layers.#.*", {"neck.reassemble_stage.layers.#.resize.*"}},
    {"depth_head.scratch.layer1_rn.*", {"neck.convs.0.*"}},
    {"depth_head.scratch.layer2_rn.*", {"neck.convs.1.*"}},
    {"depth_head.scratch.layer3_rn.*", {"neck.convs.2.*"}},
    {"depth_head.scratch.layer4_rn.*", {"neck.convs.3.*"}},
    {"depth_head.scratch.refinenet1.out_conv.*", {"neck.fusion_stage.layers.3.projection.*"}},
    {"depth_head.scratch.refinenet2.out_conv.*", {"neck.fusion_stage.layers.2.projection.*"}},
    {"depth_head.scratch.refinenet3.out_conv.*", {"neck.fusion_stage.layers.1.projection.*"}},
    {"depth_head.scratch.refinenet4.out_conv.*", {"neck.fusion_stage.layers.0.projection.*"}},
    {"depth_head.scratch.refinenet1.resConfUnit#.conv#.*",
     {"neck.fusion_stage.layers.3.residual_layer#.convolution#.*"}},
    {"depth_head.scratch.refinenet2.resConfUnit#.conv#.*",
     {"neck.fusion_stage.layers.2.residual_layer#.convolution#.*"}},
    {"depth_head.scratch.refinenet3.resConfUnit#.conv#.*",
     {"neck.fusion_stage.layers.1.residual_layer#.convolution#.*"}},
    {"depth_head.scratch.refinenet4.resConfUnit#.conv#.*",
     {"neck.fusion_stage.layers.0.residual_layer#.convolution#.*"}},
    {"depth_head.scratch.output_conv1.*", {"head.conv1.*"}},
    {"depth_head.scratch.output_conv2.0.*", {"head.conv2.*"}},
    {"depth_head.scratch.output_conv2.2.*", {"head.conv3.*"}},
};

/// DINOv2 can divide its blocks into chunks, here a single one, 0.
constexpr KeyRule chunked_rules[] = {
    {"pretrained.blocks.#.*", {"backbone.blocks.0.#.*"}},
    {"pretrained.*", {"backbone.*"}},
};

std::span<const KeyRule> rules_of(KeyLayout layout) {
  if (layout == KeyLayout::transformers) return transformers_rules;
  if (layout == KeyLayout::chunked) return chunked_rules;
  return {};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What the wildcards of a pattern stand for in a name that it fits.
std::optional<std::vector<std::string_view>> match(std::string_view pattern,
                                                   std::string_view name) {
  std::vector<std::string_view> wildcards;
  for (const char c : pattern) {
    std::size_t taken = 0;
    if (c == '*') {
      taken = name.size();
      wildcards.push_back(name);
    } else if (c == '#') {
      while (taken < name.size() && is_digit(name[taken])) ++taken;
      if (taken == 0) return std::nullopt;
      wildcards.push_back(name.substr(0, taken));
    } else if (!name.empty() && name.front() == c) {
      taken = 1;
    } else {
      return std::nullopt;
    }
    name.remove_prefix(taken);
  }
  if (!name.empty()) return std::nullopt;
  return wildcards;
}

std::string fill(std::string_view pattern, const std::vector<std::string_view>& wildcards) {
  std::string result;
  auto next = wildcards.begin();
  for (const char c : pattern) {
    if (c == '#' || c == '*') {
      result += *next++;
    } else {
      result += c;
    }
  }
  return result;
}

/// Collects the tensors of layers below a common prefix.
class Layers {
 public:
  Layers(std::vector<ExpectedTensor>& tensors, std::string prefix, Part part)
      : tensors_(tensors), prefix_(std::move(prefix)), part_(part) {}

  Layers below(const std::string& prefix) const { return {tensors_, prefix_ + prefix, part_}; }
  Layers of(Part part) const { return {tensors_, prefix_, part}; }

  void tensor(const std::string& name, Shape shape) const {
    tensors_.push_back({prefix_ + name, std::move(shape), part_});
  }
  /// A layer whose bias has as many elements as its weight has rows.
  void layer(const std::string& name, const Shape& weight) const {
    tensor(name + ".weight", weight);
    tensor(name + ".bias", {weight.front()});
  }
  void convolution(const std::string& name, std::int64_t in, std::int64_t out,
                   std::int64_t side) const {
    layer(name, {out, in, side, side});
  }

 private:
  std::vector<ExpectedTensor>& tensors_;
  std::string prefix_;
  Part part_;
};

struct BlockSizes {
  int dim = 0;
  int qk_norm_dim = 0;  ///< 0: queries and keys are not normalised
};

void transformer_block(const Layers& block, const BlockSizes& sizes) {
  const std::int64_t c = sizes.dim;
  const std::int64_t hidden = VitConfig::mlp_ratio * c;
  block.layer("norm1", {c});
  block.layer("attn.qkv", {3 * c, c});
  block.layer("attn.proj", {c, c});
  if (sizes.qk_norm_dim > 0) {
    block.layer("attn.q_norm", {sizes.qk_norm_dim});
    block.layer("attn.k_norm", {sizes.qk_norm_dim});
  }
  block.tensor("ls1.gamma", {c});
  block.layer("norm2", {c});
  block.layer("mlp.fc1", {hidden, c});
  block.layer("mlp.fc2", {c, hidden});
  block.tensor("ls2.gamma", {c});
}

void backbone(const Layers& root, const DepthAnythingConfig& config) {
  const VitConfig& vit = config.vit;
  const int c = vit.embed_dim;
  root.tensor("cls_token", {1, 1, c});
  root.tensor("pos_embed", {1, 1 + vit.pos_embed_grid * vit.pos_embed_grid, c});
  if (vit.alt_start >= 0) root.tensor("camera_token", {1, 2, c});
  // Of the masked training; never read.
  if (config.family == DepthAnythingFamily::v2) root.of(Part::unused).tensor("mask_token", {1, c});
  root.convolution("patch_embed.proj", 3, c, VitConfig::patch);
  for (int i = 0; i < vit.blocks; ++i) {
    const bool qk_norm = vit.qknorm_start >= 0 && i >= vit.qknorm_start;
    transformer_block(root.below(fmt::format("blocks.{}.", i)),
                      {.dim = c, .qk_norm_dim = qk_norm ? vit.head_dim() : 0});
  }
  root.layer("norm", {c});
}

void residual_unit(const Layers& unit, int features) {
  unit.convolution("conv1", features, features, 3);
  unit.convolution("conv2", features, features, 3);
}

/// refinenet4 has no lateral input, so that its first residual unit, where it is stored (V2), is
/// never read.
void fusion_chain(const Layers& scratch, const std::string& suffix,
                  const DepthAnythingConfig& config) {
  const int f = config.head.features;
  for (int k = 1; k <= 4; ++k) {
    const Layers fusion = scratch.below(fmt::format("refinenet{}{}.", k, suffix));
    if (k < 4) {
      residual_unit(fusion.below("resConfUnit1."), f);
    } else if (config.family == DepthAnythingFamily::v2) {
      residual_unit(fusion.of(Part::unused).below("resConfUnit1."), f);
    }
    residual_unit(fusion.below("resConfUnit2."), f);
    fusion.convolution("out_conv", f, f, 1);
  }
}

void ray_branch(const Layers& scratch, const DepthAnythingConfig& config) {
  const int f = config.head.features;
  constexpr int neck = DepthHeadConfig::neck_channels;
  constexpr int ray_channels = 7;  // direction, origin, confidence
  fusion_chain(scratch, "_aux", config);
  for (int level = 0; level < 4; ++level) {
    // Only the finest level, 3, is ever read.
    const Layers here = scratch.of(level == 3 ? Part::ray_branch : Part::unused);
    for (int j = 0; j < 5; ++j) {
      const bool narrows = j % 2 == 0;
      here.convolution(fmt::format("output_conv1_aux.{}.{}", level, j), narrows ? f : f / 2,
                       narrows ? f / 2 : f, 3);
    }
    here.convolution(fmt::format("output_conv2_aux.{}.0", level), f / 2, neck, 3);
    here.convolution(fmt::format("output_conv2_aux.{}.5", level), neck, ray_channels, 1);
  }
  // One layer norm, shared by the four levels and stored under the first.
  scratch.layer("output_conv2_aux.0.2", {neck});
}

void head(const Layers& root, const DepthAnythingConfig& config) {
  const DepthHeadConfig& head = config.head;
  const std::array<int, 4>& out = head.out_channels;
  const int features_in = config.vit.feature_dim();
  const int f = head.features;
  constexpr int neck = DepthHeadConfig::neck_channels;
  const bool dual = head.kind == DepthHead::dual_dpt;

  if (dual) root.layer("norm", {features_in});
  for (std::size_t k = 0; k < 4; ++k) {
    root.convolution(fmt::format("projects.{}", k), features_in, out[k], 1);
  }
  // 0 and 1 are transposed convolutions; 2 is the identity.
  root.convolution("resize_layers.0", out[0], out[0], 4);
  root.convolution("resize_layers.1", out[1], out[1], 2);
  root.convolution("resize_layers.3", out[3], out[3], 3);

  const Layers scratch = root.below("scratch.");
  for (std::size_t k = 0; k < 4; ++k) {
    scratch.tensor(fmt::format("layer{}_rn.weight", k + 1), {f, out[k], 3, 3});
  }
  fusion_chain(scratch, "", config);
  scratch.convolution("output_conv1", f, f / 2, 3);
  scratch.convolution("output_conv2.0", f / 2, neck, 3);
  scratch.convolution("output_conv2.2", neck, dual ? 2 : 1, 1);
  if (head.kind == DepthHead::dpt_sky) {
    scratch.convolution("sky_output_conv2.0", f / 2, neck, 3);
    scratch.convolution("sky_output_conv2.2", neck, 1, 1);
  }
  if (dual) ray_branch(scratch.of(Part::ray_branch), config);
}

void camera_decoder(const Layers& root, int dim) {
  root.layer("backbone.0", {dim, dim});
  root.layer("backbone.2", {dim, dim});
  root.layer("fc_t", {3, dim});
  root.layer("fc_qvec", {4, dim});
  root.layer("fc_fov.0", {2, dim});
}

void camera_encoder(const Layers& root, int dim) {
  constexpr int pose_code = 9;  // centre, quaternion, two fields of view
  root.layer("pose_branch.fc1", {dim / 2, pose_code});
  root.layer("pose_branch.fc2", {dim, dim / 2});
  root.layer("token_norm", {dim});
  for (int i = 0; i < CameraConfig::encoder_blocks; ++i) {
    transformer_block(root.below(fmt::format("trunk.{}.", i)), {.dim = dim});
  }
  root.layer("trunk_norm", {dim});
}

}  // namespace

std::string_view backbone_prefix(DepthAnythingFamily family) noexcept {
  return family == DepthAnythingFamily::v3 ? "model.backbone.pretrained." : "pretrained.";
}

std::string_view head_prefix(DepthAnythingFamily family) noexcept {
  return family == DepthAnythingFamily::v3 ? "model.head." : "depth_head.";
}

std::vector<std::string> stored_names(KeyLayout layout, std::string_view official_name) {
  for (const KeyRule& rule : rules_of(layout)) {
    const auto wildcards = match(rule.official, official_name);
    if (!wildcards) continue;
    std::vector<std::string> names;
    for (const std::string_view stored : rule.stored) {
      if (!stored.empty()) names.push_back(fill(stored, *wildcards));
    }
    return names;
  }
  return {std::string(official_name)};
}

std::vector<ExpectedTensor> expected_tensors(const DepthAnythingConfig& config) {
  std::vector<ExpectedTensor> tensors;
  const auto below = [&](std::string_view prefix, Part part) {
    return Layers(tensors, std::string(prefix), part);
  };
  backbone(below(backbone_prefix(config.family), Part::core), config);
  head(below(head_prefix(config.family), Part::core), config);
  if (config.head.kind == DepthHead::dual_dpt) {
    camera_decoder(below("model.cam_dec.", Part::camera_decoder), 2 * config.vit.embed_dim);
    camera_encoder(below("model.cam_enc.", Part::camera_encoder), config.vit.embed_dim);
  }
  return tensors;
}

}  // namespace depthcloud
