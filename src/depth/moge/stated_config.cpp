// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/stated_config.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "io/json_object.hpp"

namespace depthcloud {
namespace {

constexpr int max_dim = VitConfig::max_embed_dim;
constexpr int max_blocks = VitConfig::max_blocks;
constexpr std::size_t levels = MogeStackConfig::levels;

[[noreturn]] void fail(ErrorCode code, const JsonObject& object, const std::string& message) {
  throw Error(code, Stage::load, fmt::format("{}: {}", object.where(), message));
}

/// The value of a key that must be there.
template <typename T>
T required(const JsonObject& object, const char* key, std::optional<T> value) {
  if (!value) fail(ErrorCode::bad_model, object, object.place(key) + " is missing");
  return *std::move(value);
}

/// Refuses what no published model has. A key that is missing has another value in the reference,
/// unless it `may_be_missing`.
void require_text(const JsonObject& object, const char* key, std::string_view supported,
                  bool may_be_missing = false) {
  const auto value = object.text(key);
  if (!value && may_be_missing) return;
  if (required(object, key, value) == supported) return;
  fail(ErrorCode::unsupported, object,
       fmt::format("{} is {}, only {} is supported", object.place(key), quote(*value), supported));
}

std::array<int, levels> five(const JsonObject& object, const char* key, int least, int most) {
  const std::vector<int> values = required(object, key, object.integers(key, levels, least, most));
  std::array<int, levels> result{};
  std::ranges::copy(values, result.begin());
  if (std::ranges::min(result) < least) {
    fail(ErrorCode::unsupported, object, object.place(key) + " holds null");
  }
  return result;
}

MogeStackConfig::Resampler parse_resampler(const JsonObject& object, const std::string& name) {
  if (name == "conv_transpose") return MogeStackConfig::Resampler::conv_transpose;
  if (name == "bilinear") return MogeStackConfig::Resampler::bilinear;
  fail(ErrorCode::unsupported, object,
       fmt::format("{} holds {}, only conv_transpose and bilinear are supported",
                   object.place("resamplers"), quote(name)));
}

void read_resamplers(const JsonObject& object, MogeStackConfig& stack) {
  std::vector<std::string> names;
  if (object.is_list("resamplers")) {
    names = required(object, "resamplers", object.texts("resamplers", levels - 1));
  } else {  // one for all levels
    names.assign(levels - 1, required(object, "resamplers", object.text("resamplers")));
  }
  if (names.size() != stack.resamplers.size()) {
    fail(ErrorCode::bad_model, object,
         fmt::format("{} are {}, not {}", object.place("resamplers"), names.size(),
                     stack.resamplers.size()));
  }
  for (std::size_t l = 0; l < names.size(); ++l) {
    stack.resamplers[l] = parse_resampler(object, names[l]);
  }
}

MogeStackConfig read_stack(const JsonObject& object) {
  MogeStackConfig stack;
  stack.dim_in = five(object, "dim_in", 1, max_dim + 2);
  stack.dims = five(object, "dim_res_blocks", 1, max_dim);
  stack.residual_blocks =
      five(object, "num_res_blocks", 0, MogeStackConfig::max_residual_blocks - 1);
  if (const auto out = object.integers("dim_out", levels, 1, max_dim)) {
    if (std::ranges::any_of(out->begin(), out->end() - 1, [](int dim) { return dim > 0; })) {
      fail(ErrorCode::unsupported, object,
           object.place("dim_out") + " has output blocks before the last level");
    }
    stack.dim_out = std::max(0, out->back());
  }
  require_text(object, "res_block_in_norm", "none");
  require_text(object, "res_block_hidden_norm", "none");
  require_text(object, "activation", "relu", /*may_be_missing=*/true);
  if (object.integer("dim_times_res_block_hidden", 1, max_dim).value_or(1) != 1) {
    fail(ErrorCode::unsupported, object,
         object.place("dim_times_res_block_hidden") + " other than 1 is not supported");
  }
  read_resamplers(object, stack);
  return stack;
}

MogeRemap parse_remap(const JsonObject& object) {
  const std::string name = required(object, "remap_output", object.text("remap_output"));
  if (name == "linear") return MogeRemap::linear;
  if (name == "sinh") return MogeRemap::sinh;
  if (name == "exp") return MogeRemap::exp;
  if (name == "sinh_exp") return MogeRemap::sinh_exp;
  fail(ErrorCode::unsupported, object,
       fmt::format("remap_output is {}, only linear, sinh, exp and sinh_exp are supported",
                   quote(name)));
}

void read_encoder(const JsonObject& encoder, MogeStatement& out) {
  const std::string name = required(encoder, "backbone", encoder.text("backbone"));
  if (name == "dinov2_vits14") out.vit_dims = {384, 12};
  if (name == "dinov2_vitb14") out.vit_dims = {768, 12};
  if (name == "dinov2_vitl14") out.vit_dims = {1024, 24};
  out.encoder_dim = required(encoder, "dim_out", encoder.integer("dim_out", 1, max_dim));
  const bool is_list = encoder.is_list("intermediate_layers");
  std::vector<int> layers =
      required(encoder, "intermediate_layers",
               encoder.integer_or_list("intermediate_layers", static_cast<std::size_t>(max_blocks),
                                       is_list ? 0 : 1, max_blocks));
  if (is_list) {
    out.layers = std::move(layers);
  } else {
    out.last_layers = layers.front();
  }
}

void read_model_config(const JsonObject& config, MogeStatement& out) {
  const auto object = [&](const char* key) { return required(config, key, config.object(key)); };
  const auto stack = [&](const char* key) -> std::optional<MogeStackConfig> {
    const auto head = config.object(key);
    return head ? std::optional(read_stack(*head)) : std::nullopt;
  };
  out.is_complete = true;
  read_encoder(object("encoder"), out);
  out.neck = read_stack(object("neck"));
  out.points_head = stack("points_head");
  out.mask_head = stack("mask_head");
  out.normal_head = stack("normal_head");
  if (const auto scale = config.object("scale_head")) {
    out.scale_dims = required(*scale, "dims", scale->four_integers("dims", 1, max_dim));
  }
  out.remap = parse_remap(config);
  constexpr int most = MogeConfig::max_tokens_limit;
  const std::vector<int> range =
      required(config, "num_tokens_range", config.integers("num_tokens_range", 2, 1, most));
  out.token_range = {range[0], range[1]};
  if (range[0] < 1 || range[0] > range[1]) {
    fail(ErrorCode::bad_model, config,
         fmt::format("{} [{}, {}] does not rise", config.place("num_tokens_range"), range[0],
                     range[1]));
  }
}

}  // namespace

MogeStatement read_moge_statement(const CheckpointNotes& notes) {
  MogeStatement out;
  if (notes.model_config) {
    constexpr const char* where = "model_config of the checkpoint";
    const nlohmann::json document = parse_config_json(*notes.model_config, where);
    read_model_config(JsonObject(document, "", where), out);
  }
  if (!notes.config_json) return out;
  const nlohmann::json document = parse_config_json(*notes.config_json);
  const JsonObject root(document);
  if (const auto config = root.object("model_config"); config && !out.is_complete) {
    read_model_config(*config, out);
  }
  if (const auto hparams = root.object("hparams")) {
    out.heads = hparams->integer("num_heads", 1, max_dim);
  }
  return out;
}

}  // namespace depthcloud
