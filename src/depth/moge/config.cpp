// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/config.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "depth/moge/stated_config.hpp"
#include "depth/nn/tensor_sizes.hpp"

namespace depthcloud {
namespace {

using Shape = std::vector<std::int64_t>;
using Resampler = MogeStackConfig::Resampler;

constexpr std::string_view backbone = "encoder.backbone.";
constexpr std::string_view projections = "encoder.output_projections.";
constexpr std::size_t levels = MogeStackConfig::levels;
constexpr int max_dim = VitConfig::max_embed_dim;

[[noreturn]] void bad_model(const std::string& message) {
  throw Error(ErrorCode::bad_model, Stage::load, message);
}

[[noreturn]] void unsupported(const std::string& message) {
  throw Error(ErrorCode::unsupported, Stage::load, message);
}

std::string join(std::string_view prefix, std::string_view name) {
  return std::string(prefix).append(name);
}

void refuse_other_versions(const TensorShapes& tensors) {
  const auto refuse = [](const char* version) {
    unsupported(fmt::format("{} is not supported, MoGe-2 is", version));
  };
  if (has_below(tensors, "refiner.")) refuse("MoGe-3");
  if (has_below(tensors, "backbone.cls_token")) refuse("MoGe-1");
}

MogeStackConfig stack_sizes(const TensorSizes& sizes, const std::string& name) {
  MogeStackConfig stack;
  for (std::size_t level = 0; level < levels; ++level) {
    const std::string input = fmt::format("{}.input_blocks.{}.weight", name, level);
    stack.dims[level] = sizes.size(input, 4, 0);
    stack.dim_in[level] = sizes.size(input, 4, 1, max_dim + 2);
    const std::string blocks = fmt::format("{}.res_blocks.{}.", name, level);
    stack.residual_blocks[level] = sizes.count(blocks, MogeStackConfig::max_residual_blocks);
    for (int block = 0; block < stack.residual_blocks[level]; ++block) {
      for (const int norm : {0, 3}) {
        const std::string weight = fmt::format("{}{}.layers.{}.weight", blocks, block, norm);
        if (sizes.has(weight)) {
          unsupported(
              fmt::format("tensor {} is of a normalisation, which no published MoGe-2 has in its "
                          "residual blocks",
                          quote(weight)));
        }
      }
    }
    if (level + 1 == levels) break;
    const bool transposed = sizes.has(fmt::format("{}.resamplers.{}.0.weight", name, level));
    stack.resamplers[level] = transposed ? Resampler::conv_transpose : Resampler::bilinear;
  }
  const std::string output = name + ".output_blocks.4.weight";
  if (sizes.has(output)) stack.dim_out = sizes.size(output, 4, 0);
  return stack;
}

MogeStackConfig head_sizes(const TensorSizes& sizes, const std::string& name, int values,
                           const MogeStackConfig& neck) {
  const MogeStackConfig head = stack_sizes(sizes, name);
  if (head.dim_out != values) {
    bad_model(fmt::format("tensor {} gives {} values a pixel, it must give {}",
                          quote(name + ".output_blocks.4.weight"), head.dim_out, values));
  }
  if (head.dim_in != neck.dims) {
    bad_model(fmt::format("{} takes [{}] channels, but the neck gives [{}]", name,
                          fmt::join(head.dim_in, ", "), fmt::join(neck.dims, ", ")));
  }
  return head;
}

/// Where the published models read their blocks, evenly spread: of 12 blocks two, of 24 four.
void spread_layers(int count, VitConfig& vit) {
  vit.out_layers.fill(-1);
  for (int k = 0; k < count; ++k) {
    vit.out_layers[static_cast<std::size_t>(k)] = vit.blocks / count * (k + 1) - 1;
  }
}

MogeConfig sizes_of(const TensorShapes& tensors) {
  const TensorSizes sizes(tensors);
  MogeConfig config;
  VitConfig& vit = config.vit;
  vit.embed_dim = sizes.size(join(backbone, "cls_token"), 3, 2);
  vit.blocks = sizes.count(join(backbone, "blocks."), VitConfig::max_blocks);
  vit.heads = std::max(1, vit.embed_dim / 64);
  vit.pos_embed_grid = sizes.pos_embed_grid(join(backbone, "pos_embed"));
  vit.final_norm_epsilon = 1e-6;
  const int layers = sizes.count(projections, VitConfig::max_blocks);
  const auto most = static_cast<int>(vit.out_layers.size());
  if (layers < 1) {
    bad_model(fmt::format("tensor {} is missing", quote(join(projections, "0.weight"))));
  }
  if (layers > most) {
    unsupported(fmt::format("{} intermediate layers, only up to {} are supported", layers, most));
  }
  if (vit.blocks < layers) {
    bad_model(fmt::format("{} intermediate layers of {} blocks", layers, vit.blocks));
  }
  spread_layers(layers, vit);
  config.encoder_dim = sizes.size(join(projections, "0.weight"), 4, 0);
  config.neck = stack_sizes(sizes, "neck");
  if (config.neck.dim_out != 0) unsupported("an output block of the neck is not supported");
  if (!has_below(tensors, "points_head.")) unsupported("a MoGe-2 model without a points_head");
  config.points_head = head_sizes(sizes, "points_head", 3, config.neck);
  if (has_below(tensors, "mask_head.")) {
    config.mask_head = head_sizes(sizes, "mask_head", 1, config.neck);
  }
  if (has_below(tensors, "normal_head.")) {
    config.normal_head = head_sizes(sizes, "normal_head", 3, config.neck);
  }
  if (has_below(tensors, "scale_head.")) {
    config.scale_dims = {sizes.size("scale_head.0.weight", 2, 1),
                         sizes.size("scale_head.0.weight", 2, 0),
                         sizes.size("scale_head.2.weight", 2, 0), 1};
  }
  return config;
}

/// Of one stack, that what is stated is what the tensors show.
void check_stack(const std::string& name, const std::optional<MogeStackConfig>& stated,
                 const std::optional<MogeStackConfig>& found) {
  if (stated.has_value() != found.has_value()) {
    bad_model(fmt::format("the configuration has {} {}, but the tensors have {}",
                          stated ? "a" : "no", name, found ? "one" : "none"));
  }
  if (!stated) return;
  const auto agree = [&](const char* key, const auto& said, const auto& shown) {
    if (said == shown) return;
    bad_model(fmt::format("the configuration says {}.{} [{}], but the tensors say [{}]", name, key,
                          fmt::join(said, ", "), fmt::join(shown, ", ")));
  };
  agree("dim_in", stated->dim_in, found->dim_in);
  agree("dim_res_blocks", stated->dims, found->dims);
  agree("num_res_blocks", stated->residual_blocks, found->residual_blocks);
  agree("dim_out", std::array{stated->dim_out}, std::array{found->dim_out});
  if (stated->resamplers != found->resamplers) {
    bad_model(fmt::format("the configuration's {}.resamplers are not those of the tensors", name));
  }
}

/// The stated blocks, ascending; a number counts the last ones.
void settle_layers(const MogeStatement& stated, MogeConfig& config) {
  const std::size_t count = intermediate_layers(config);
  std::vector<int> layers = stated.layers;
  if (stated.last_layers > 0) {
    for (int k = std::max(0, config.vit.blocks - stated.last_layers); k < config.vit.blocks; ++k) {
      layers.push_back(k);
    }
  }
  std::ranges::sort(layers);
  if (layers.size() != count || std::ranges::adjacent_find(layers) != layers.end() ||
      layers.back() >= config.vit.blocks) {
    bad_model(
        fmt::format("encoder.intermediate_layers [{}] must be {} different ones below {} blocks",
                    fmt::join(layers, ", "), count, config.vit.blocks));
  }
  config.vit.out_layers.fill(-1);
  std::ranges::copy(layers, config.vit.out_layers.begin());
}

void settle(const MogeStatement& stated, MogeConfig& config) {
  check_stack("neck", stated.neck, config.neck);
  check_stack("points_head", stated.points_head, config.points_head);
  check_stack("mask_head", stated.mask_head, config.mask_head);
  check_stack("normal_head", stated.normal_head, config.normal_head);
  if (stated.encoder_dim != config.encoder_dim) {
    bad_model(fmt::format("the configuration says encoder.dim_out {}, but the tensors say {}",
                          stated.encoder_dim, config.encoder_dim));
  }
  if (stated.scale_dims != config.scale_dims) {
    bad_model("the configuration's scale_head is not that of the tensors");
  }
  if (stated.vit_dims && *stated.vit_dims != std::array{config.vit.embed_dim, config.vit.blocks}) {
    bad_model(fmt::format(
        "the configuration is of a ViT of {} blocks x {}, but the tensors are of "
        "one of {} x {}",
        (*stated.vit_dims)[1], (*stated.vit_dims)[0], config.vit.blocks, config.vit.embed_dim));
  }
  settle_layers(stated, config);
  config.remap = stated.remap;
  config.token_range = stated.token_range;
}

struct Published {
  const char* name;
  int dim, blocks;
  bool normals;
};

constexpr Published published[] = {
    {"moge-2-vits-normal", 384, 12, true},
    {"moge-2-vitb-normal", 768, 12, true},
    {"moge-2-vitl-normal", 1024, 24, true},
    {"moge-2-vitl", 1024, 24, false},
};

bool is_published(const Published& variant, const MogeConfig& config) {
  MogeStackConfig head;
  head.dims = {variant.dim, 256, 128, 64, 32};
  head.dim_in = head.dims;
  head.residual_blocks = {0, 1, 1, 1, 0};
  head.resamplers = {Resampler::conv_transpose, Resampler::conv_transpose,
                     Resampler::conv_transpose, Resampler::bilinear};
  MogeStackConfig neck = head;
  neck.dim_in = {variant.dim + 2, 2, 2, 2, 2};
  if (variant.blocks == 24) neck.residual_blocks = {0, 2, 2, 2, 0};
  VitConfig vit = config.vit;
  spread_layers(variant.blocks == 24 ? 4 : 2, vit);
  head.dim_out = 3;
  MogeStackConfig mask = head;
  mask.dim_out = 1;
  return config.vit.embed_dim == variant.dim && config.vit.blocks == variant.blocks &&
         config.vit == vit && config.neck == neck && config.points_head == head &&
         config.mask_head == mask && config.normal_head.has_value() == variant.normals &&
         config.scale_dims == std::array{variant.dim, variant.dim, variant.dim, 1} &&
         config.remap == MogeRemap::exp;
}

void settle_name(MogeConfig& config) {
  config.name = "moge-2-custom";
  for (const Published& variant : published) {
    if (!is_published(variant, config)) continue;
    config.name = variant.name;
    config.license = "MIT";
  }
}

/// Names and shapes of the tensors that the network reads.
class Expected {
 public:
  void add(std::string name, Shape shape) { shapes_.emplace(std::move(name), std::move(shape)); }

  void layer(const std::string& name, Shape weight, std::int64_t out) {
    add(name + ".weight", std::move(weight));
    add(name + ".bias", {out});
  }
  void linear(const std::string& name, std::int64_t in, std::int64_t out) {
    layer(name, {out, in}, out);
  }
  void conv(const std::string& name, std::int64_t in, std::int64_t out, std::int64_t kernel) {
    layer(name, {out, in, kernel, kernel}, out);
  }

  void vit(const VitConfig& vit) {
    const std::int64_t dim = vit.embed_dim;
    const std::int64_t patches = std::int64_t{vit.pos_embed_grid} * vit.pos_embed_grid;
    const auto name = [](std::string_view tail) { return join(backbone, tail); };
    add(name("cls_token"), {1, 1, dim});
    add(name("pos_embed"), {1, 1 + patches, dim});
    conv(name("patch_embed.proj"), 3, dim, VitConfig::patch);
    for (int i = 0; i < vit.blocks; ++i) {
      const std::string block = name(fmt::format("blocks.{}.", i));
      layer(block + "norm1", {dim}, dim);
      linear(block + "attn.qkv", dim, 3 * dim);
      linear(block + "attn.proj", dim, dim);
      add(block + "ls1.gamma", {dim});
      layer(block + "norm2", {dim}, dim);
      linear(block + "mlp.fc1", dim, VitConfig::mlp_ratio * dim);
      linear(block + "mlp.fc2", VitConfig::mlp_ratio * dim, dim);
      add(block + "ls2.gamma", {dim});
    }
    layer(name("norm"), {dim}, dim);
  }

  void stack(const std::string& name, const MogeStackConfig& stack) {
    for (std::size_t l = 0; l < levels; ++l) {
      const std::int64_t dim = stack.dims[l];
      conv(fmt::format("{}.input_blocks.{}", name, l), stack.dim_in[l], dim, 1);
      for (int block = 0; block < stack.residual_blocks[l]; ++block) {
        const std::string prefix = fmt::format("{}.res_blocks.{}.{}.layers.", name, l, block);
        conv(prefix + "2", dim, dim, 3);
        conv(prefix + "5", dim, dim, 3);
      }
      if (l + 1 == levels) break;
      const std::int64_t next = stack.dims[l + 1];
      const std::string resampler = fmt::format("{}.resamplers.{}.", name, l);
      const bool transposed = stack.resamplers[l] == Resampler::conv_transpose;
      if (transposed) layer(resampler + "0", {dim, next, 2, 2}, next);
      conv(resampler + "1", transposed ? next : dim, next, 3);
    }
    if (stack.dim_out > 0) conv(name + ".output_blocks.4", stack.dims.back(), stack.dim_out, 1);
  }

  const TensorShapes& shapes() const { return shapes_; }

 private:
  TensorShapes shapes_;
};

void check_complete(const MogeConfig& config, const TensorShapes& stored) {
  const TensorShapes expected = expected_tensors(config);
  for (const auto& [name, shape] : expected) {
    const auto found = stored.find(name);
    if (found == stored.end()) {
      bad_model(fmt::format("{}: tensor {} is missing", config.name, quote(name)));
    }
    if (found->second != shape) {
      bad_model(fmt::format("{}: tensor {} has the shape [{}], it must be [{}]", config.name,
                            quote(name), fmt::join(found->second, ", "), fmt::join(shape, ", ")));
    }
  }
  const std::set<std::string_view> unused = {"encoder.backbone.mask_token", "encoder.image_mean",
                                             "encoder.image_std"};
  for (const auto& [name, shape] : stored) {
    if (!expected.contains(name) && !unused.contains(name)) {
      bad_model(fmt::format("{}: tensor {} does not belong to it", config.name, quote(name)));
    }
  }
}

/// What the network's code takes for granted.
void check_sizes(const MogeConfig& config) {
  if (config.neck.dim_in != std::array{config.encoder_dim + 2, 2, 2, 2, 2}) {
    unsupported(fmt::format("the neck takes [{}] channels, not {} at first and 2 later",
                            fmt::join(config.neck.dim_in, ", "), config.encoder_dim + 2));
  }
  if (config.scale_dims && config.scale_dims->front() != config.vit.embed_dim) {
    bad_model(fmt::format("tensor 'scale_head.0.weight' takes {} channels, the encoder gives {}",
                          config.scale_dims->front(), config.vit.embed_dim));
  }
  if (config.vit.heads < 1 || config.vit.embed_dim % config.vit.heads != 0) {
    bad_model(fmt::format("tensor {} has {} channels, not a multiple of {} attention heads",
                          quote(join(backbone, "cls_token")), config.vit.embed_dim,
                          config.vit.heads));
  }
}

}  // namespace

std::size_t intermediate_layers(const MogeConfig& config) {
  return static_cast<std::size_t>(
      std::ranges::count_if(config.vit.out_layers, [](int layer) { return layer >= 0; }));
}

TensorShapes expected_tensors(const MogeConfig& config) {
  Expected expected;
  expected.vit(config.vit);
  for (std::size_t k = 0; k < intermediate_layers(config); ++k) {
    expected.conv(join(projections, std::to_string(k)), config.vit.embed_dim, config.encoder_dim,
                  1);
  }
  expected.stack("neck", config.neck);
  expected.stack("points_head", config.points_head);
  if (config.mask_head) expected.stack("mask_head", *config.mask_head);
  if (config.normal_head) expected.stack("normal_head", *config.normal_head);
  if (config.scale_dims) {
    for (std::size_t i = 0; i < 3; ++i) {
      expected.linear(fmt::format("scale_head.{}", 2 * i), (*config.scale_dims)[i],
                      (*config.scale_dims)[i + 1]);
    }
  }
  return expected.shapes();
}

std::string architecture(const MogeConfig& config) {
  std::string text = fmt::format("MoGe-2: ViT of {} blocks x {}, heads for points",
                                 config.vit.blocks, config.vit.embed_dim);
  if (config.mask_head) text += ", mask";
  if (config.normal_head) text += ", normals";
  return text + (config.scale_dims ? "; metres" : "; depth of unknown scale");
}

std::string expected_input(const MogeConfig& config) {
  return fmt::format("RGB, resized to {} to {} patches of {} pixels", config.token_range[0],
                     config.token_range[1], VitConfig::patch);
}

MogeConfig recognise_moge(const TensorShapes& tensors, const CheckpointNotes& notes) {
  refuse_other_versions(tensors);
  MogeConfig config = sizes_of(tensors);
  const MogeStatement stated = read_moge_statement(notes);
  if (stated.heads) config.vit.heads = *stated.heads;
  if (stated.is_complete) settle(stated, config);
  check_sizes(config);
  settle_name(config);
  check_complete(config, tensors);
  return config;
}

}  // namespace depthcloud
