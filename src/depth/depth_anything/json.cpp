// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/json.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "io/json_object.hpp"

namespace depthcloud {
namespace {

using Object = JsonObject;

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::load, "config.json: " + message);
}

constexpr int max_dim = VitConfig::max_embed_dim;
constexpr int max_blocks = VitConfig::max_blocks;
constexpr double max_metres = 10'000;

/// What an earlier object stated stands.
template <typename T>
void state(std::optional<T>& field, const std::optional<T>& value) {
  if (!field) field = value;
}

void require(const Object& object, const char* key, std::optional<int> value, int supported) {
  if (value && *value != supported) {
    fail(ErrorCode::unsupported,
         fmt::format("{} is {}, only {} is supported", object.place(key), *value, supported));
  }
}

[[noreturn]] void refuse_giant_and_nested(const char* which) {
  fail(ErrorCode::unsupported,
       fmt::format("{} Depth Anything 3 models are not supported, nor their licence's terms "
                   "(CC-BY-NC-4.0) those of this library",
                   which));
}

DepthHead parse_head(const Object& object, const std::string& name) {
  if (name == "DualDPT") return DepthHead::dual_dpt;
  if (name == "DPT") return DepthHead::dpt_sky;
  fail(ErrorCode::unsupported, fmt::format("{} is {}, only DualDPT and DPT are supported",
                                           object.place("name"), quote(name)));
}

/// The transformer's sizes, called alike in `net` and in the flat `hparams`.
void read_vit(const Object& object, StatedConfig& out) {
  require(object, "patch_size", object.integer("patch_size", 1, 1024), VitConfig::patch);
  state(out.embed_dim, object.integer("embed_dim", 1, max_dim));
  state(out.blocks, object.integer("depth", 1, max_blocks));
  state(out.heads, object.integer("num_heads", 1, max_dim));
  state(out.out_layers, object.four_integers("out_layers", 0, max_blocks - 1));
  state(out.alt_start, object.integer("alt_start", -1, max_blocks - 1));
  state(out.qknorm_start, object.integer("qknorm_start", -1, max_blocks - 1));
  state(out.rope_start, object.integer("rope_start", -1, max_blocks - 1));
  state(out.cat_token, object.boolean("cat_token"));
}

/// `config` of a Depth Anything 3 repository.
void read_da3(const Object& config, StatedConfig& out) {
  out.family = DepthAnythingFamily::v3;
  if (config.has("anyview") || config.has("metric")) refuse_giant_and_nested("nested");
  if (const auto net = config.object("net")) {
    const std::string name = net->text("name").value_or("");
    if (name == "vitg") refuse_giant_and_nested("giant");
    if (name == "vits") out.embed_dim = 384;
    if (name == "vitb") out.embed_dim = 768;
    if (name == "vitl") out.embed_dim = 1024;
    read_vit(*net, out);
  }
  if (const auto head = config.object("head")) {
    if (const auto type = head->object("__object__")) {
      if (const auto name = type->text("name")) out.head = parse_head(*type, *name);
    }
    out.head_dim_in = head->integer("dim_in", 1, 2 * max_dim);
    out.features = head->integer("features", 1, max_dim);
    out.out_channels = head->four_integers("out_channels", 1, max_dim);
  }
  out.camera_encoder = config.object("cam_enc").has_value();
  out.camera_decoder = config.object("cam_dec").has_value();
}

/// The blocks whose output the head reads. `transformers` counts from 1, 0 being the embedding, and
/// states them as numbers, as names, or both.
std::optional<std::array<int, 4>> read_out_layers(const Object& backbone) {
  auto indices = backbone.four_integers("out_indices", 1, max_blocks);
  const auto stages = backbone.four_stages("out_features", max_blocks);
  if (indices && stages && *indices != *stages) {
    fail(ErrorCode::bad_model,
         fmt::format("{} and {} are not of the same blocks", backbone.place("out_indices"),
                     backbone.place("out_features")));
  }
  if (!indices) indices = stages;
  if (!indices) return std::nullopt;
  for (int& index : *indices) --index;
  return indices;
}

/// The root of a V1 or V2 repository in the layout of `transformers`, whose writer leaves out what
/// equals its default.
void read_transformers(const Object& root, StatedConfig& out) {
  out.family = DepthAnythingFamily::v2;
  out.transformers = true;
  if (const auto backbone = root.object("backbone_config")) {
    require(*backbone, "patch_size", backbone->integer("patch_size", 1, 1024), VitConfig::patch);
    if (const auto epsilon = backbone->positive("layer_norm_eps", 1.0);
        epsilon && std::abs(*epsilon - VitConfig::block_norm_epsilon) > 1e-12) {
      fail(ErrorCode::unsupported,
           fmt::format("{} is {}, only {} is supported", backbone->place("layer_norm_eps"),
                       *epsilon, VitConfig::block_norm_epsilon));
    }
    out.embed_dim = backbone->integer("hidden_size", 1, max_dim);
    out.blocks = backbone->integer("num_hidden_layers", 1, max_blocks).value_or(12);
    out.heads = backbone->integer("num_attention_heads", 1, max_dim);
    out.out_layers = read_out_layers(*backbone);
  }
  out.features = root.integer("fusion_hidden_size", 1, max_dim);
  out.out_channels = root.four_integers("neck_hidden_sizes", 1, max_dim);
  require(root, "head_hidden_size", root.integer("head_hidden_size", 1, max_dim),
          DepthHeadConfig::neck_channels);
}

/// `depth_estimation_type` and `max_depth`, which a config.json beside a checkpoint with official
/// names may state too.
void read_meaning(const Object& root, StatedConfig& out) {
  const auto type = root.text("depth_estimation_type");
  if (type && *type != "relative" && *type != "metric") {
    fail(ErrorCode::unsupported,
         fmt::format("depth_estimation_type is {}, only relative and metric are supported",
                     quote(*type)));
  }
  if (type) {
    out.metric = *type == "metric";
  } else if (out.transformers) {
    out.metric = false;
  }
  out.max_depth = root.positive("max_depth", max_metres);
}

/// `model_type` of a `transformers` repository: another network's config says nothing of these
/// tensors.
void check_model_type(const Object& root) {
  const auto type = root.text("model_type");
  if (!type || type->starts_with("depth_anything")) return;
  fail(ErrorCode::unsupported,
       fmt::format("model_type is {}, only depth_anything is supported: is it the config.json of "
                   "another model?",
                   quote(*type)));
}

/// `hparams`: every size in one flat object.
void read_hparams(const Object& hparams, StatedConfig& out) {
  read_vit(hparams, out);
  state(out.pos_embed_grid, hparams.integer("pos_embed_grid", 1, VitConfig::max_pos_embed_grid));
  state(out.features, hparams.integer("features", 1, max_dim));
  state(out.out_channels, hparams.four_integers("out_channels", 1, max_dim));
  state(out.metric, hparams.boolean("metric"));
  state(out.max_depth, hparams.positive("max_depth", max_metres));
}

}  // namespace

StatedConfig parse_depth_anything_json(std::string_view text) {
  const nlohmann::json document = parse_config_json(text);
  const Object root(document);
  StatedConfig out;
  check_model_type(root);
  out.model_name = root.text("model_name").value_or("");
  if (const auto config = root.object("config")) {
    read_da3(*config, out);
  } else if (root.has("backbone_config")) {
    read_transformers(root, out);
  }
  read_meaning(root, out);
  if (const auto hparams = root.object("hparams")) read_hparams(*hparams, out);
  return out;
}

}  // namespace depthcloud
