// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/config.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "depth/depth_anything/checkpoint.hpp"
#include "depth/depth_anything/json.hpp"
#include "depth/depth_anything/variants.hpp"
#include "depth/nn/camera_config.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void bad_model(const std::string& message) {
  throw Error(ErrorCode::bad_model, Stage::load, message);
}

template <typename T>
void agree(const char* what, const std::optional<T>& stated, const T& found,
           const std::string& tensor) {
  if (stated && *stated != found) {
    bad_model(fmt::format("config.json says {} {}, but tensor {} says {}", what, *stated,
                          quote(tensor), found));
  }
}

/// What config.json states of sizes must be what the tensors show.
void check_agreement(const StatedConfig& stated, const DepthAnythingConfig& config,
                     const DepthAnythingCheckpoint& checkpoint) {
  if (stated.family && *stated.family != config.family) {
    bad_model(fmt::format("config.json is of Depth Anything {}, but tensor {} is of {}",
                          *stated.family == DepthAnythingFamily::v3 ? "3" : "V2",
                          quote(checkpoint.stored_name(checkpoint.backbone("pos_embed"))),
                          config.family == DepthAnythingFamily::v3 ? "3" : "V2"));
  }
  const std::string pos_embed = checkpoint.stored_name(checkpoint.backbone("pos_embed"));
  agree("embed_dim", stated.embed_dim, config.vit.embed_dim, pos_embed);
  agree("pos_embed_grid", stated.pos_embed_grid, config.vit.pos_embed_grid, pos_embed);
  agree("depth", stated.blocks, config.vit.blocks,
        checkpoint.stored_name(checkpoint.backbone(
            fmt::format("blocks.{}.norm1.weight", std::max(config.vit.blocks - 1, 0)))));
  agree("features", stated.features, config.head.features,
        checkpoint.stored_name(checkpoint.head("scratch.layer1_rn.weight")));
  for (std::size_t k = 0; k < 4 && stated.out_channels; ++k) {
    agree("out_channels", std::optional((*stated.out_channels)[k]), config.head.out_channels[k],
          checkpoint.stored_name(checkpoint.head(fmt::format("projects.{}.weight", k))));
  }
  agree("dim_in", stated.head_dim_in,
        checkpoint.size(checkpoint.head("projects.0.weight"), 4, 1, 2 * VitConfig::max_embed_dim),
        checkpoint.stored_name(checkpoint.head("projects.0.weight")));
  if (stated.head && *stated.head != config.head.kind) {
    bad_model(fmt::format("config.json says head {}, but tensor 'model.head.norm.weight' is {}",
                          *stated.head == DepthHead::dual_dpt ? "DualDPT" : "DPT",
                          config.head.kind == DepthHead::dual_dpt ? "there" : "missing"));
  }
  agree("cat_token", stated.cat_token, config.vit.cat_token, "model.head.norm.weight");
  const auto part = [&](const char* what, std::optional<bool> said, bool there,
                        const char* tensor) {
    if (!said || *said == there) return;
    bad_model(fmt::format("config.json has {} {}, but tensor '{}' is {}", *said ? "a" : "no", what,
                          tensor, there ? "there" : "missing"));
  };
  part("cam_dec", stated.camera_decoder, config.camera_decoder, "model.cam_dec.fc_t.weight");
  part("cam_enc", stated.camera_encoder, config.camera_encoder, "model.cam_enc.token_norm.weight");
}

bool same_sizes(const DepthAnythingVariant& variant, const DepthAnythingConfig& config) {
  return variant.family == config.family && variant.vit.embed_dim == config.vit.embed_dim &&
         variant.vit.blocks == config.vit.blocks && variant.head == config.head;
}

/// Lower case, with underscores, for names that repositories and files spell differently.
std::string canonical(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-' || c == ' ' || c == '.') c = '_';
  }
  return result;
}

bool mentions(const std::string& text, std::string_view word) {
  return text.find(word) != std::string::npos;
}

/// V1 and V2 differ in the blocks that the head reads, and in nothing that the tensors show.
bool reads_last_blocks(const VitConfig& vit) {
  return vit.blocks > 4 && vit.out_layers[0] == vit.blocks - 4;
}

/// Decides between V1 and V2 where no config.json states the blocks: by the name that the authors
/// gave the file or repository.
void settle_generation(const std::string& file_name, DepthAnythingConfig& config) {
  const bool named_v1 =
      mentions(file_name, "depth_anything_vit") || mentions(file_name, "depth_anything_v1") ||
      mentions(file_name, "depth_anything_small") || mentions(file_name, "depth_anything_base") ||
      mentions(file_name, "depth_anything_large");
  if (named_v1) {
    for (int k = 0; k < 4; ++k) {
      config.vit.out_layers[static_cast<std::size_t>(k)] = config.vit.blocks - 4 + k;
    }
  }
  config.assumed_v2 = !named_v1 && !mentions(file_name, "v2") && !mentions(file_name, "distill") &&
                      config.layout != KeyLayout::chunked;
}

/// What the tensors do not show: where blocks are read and change their kind.
void settle_layers(const StatedConfig& stated, const CheckpointNotes& notes,
                   const DepthAnythingCheckpoint& checkpoint, DepthAnythingConfig& config) {
  VitConfig& vit = config.vit;
  const auto& all = depth_anything_variants();
  const auto known = std::find_if(all.begin(), all.end(), [&](const DepthAnythingVariant& variant) {
    return same_sizes(variant, config);
  });
  if (known != all.end()) {
    const int grid = vit.pos_embed_grid;
    vit = known->vit;
    vit.pos_embed_grid = grid;
  } else {
    const bool any_view = config.head.kind == DepthHead::dual_dpt;
    if (!stated.heads || !stated.out_layers || (any_view && !stated.alt_start)) {
      bad_model(fmt::format(
          "{} blocks of {} channels with {} features are no published Depth Anything model: a "
          "config.json must state num_heads, out_layers and alt_start",
          vit.blocks, vit.embed_dim, config.head.features));
    }
  }
  if (config.family == DepthAnythingFamily::v2 && !stated.out_layers) {
    settle_generation(canonical(notes.file_name), config);
  }
  if (stated.heads) vit.heads = *stated.heads;
  if (stated.out_layers) vit.out_layers = *stated.out_layers;
  if (stated.alt_start) vit.alt_start = *stated.alt_start;
  if (stated.qknorm_start) vit.qknorm_start = *stated.qknorm_start;
  if (stated.rope_start) vit.rope_start = *stated.rope_start;
  if (vit.heads < 1 || vit.embed_dim % vit.heads != 0) {
    bad_model(fmt::format("tensor {} has {} channels, not a multiple of {} attention heads",
                          quote(checkpoint.backbone("pos_embed")), vit.embed_dim, vit.heads));
  }
}

/// What the network's code takes for granted.
void check_layers(const DepthAnythingConfig& config) {
  const VitConfig& vit = config.vit;
  const auto refuse = [](const std::string& message) {
    throw Error(ErrorCode::unsupported, Stage::load, message);
  };
  int previous = -1;
  for (const int layer : vit.out_layers) {
    if (layer <= previous || layer >= vit.blocks) {
      bad_model(fmt::format("out_layers [{}] do not rise below {} blocks",
                            fmt::join(vit.out_layers, ", "), vit.blocks));
    }
    previous = layer;
  }
  const auto starts = {vit.alt_start, vit.qknorm_start, vit.rope_start};
  if (*std::max_element(starts.begin(), starts.end()) >= vit.blocks) {
    bad_model(fmt::format("alt_start {}, qknorm_start {} and rope_start {} must be below {} blocks",
                          vit.alt_start, vit.qknorm_start, vit.rope_start, vit.blocks));
  }
  if (config.head.kind != DepthHead::dual_dpt) {
    if (std::max(starts) >= 0) {
      refuse(
          fmt::format("alt_start {}, qknorm_start {} and rope_start {} must be -1 for a DPT head",
                      vit.alt_start, vit.qknorm_start, vit.rope_start));
    }
    if (config.head.features % 2 != 0) {
      bad_model(fmt::format("{} features of the head are not even", config.head.features));
    }
    return;
  }
  if (vit.alt_start < 1) refuse(fmt::format("alt_start {} is below 1", vit.alt_start));
  if (vit.rope_start >= 0 && vit.head_dim() % 4 != 0) {
    bad_model(
        fmt::format("{} channels a head cannot be rotated: not a multiple of 4", vit.head_dim()));
  }
  // The position embedding of the head fills its channels by quarters.
  for (const int channels : config.head.out_channels) {
    if (channels % 4 != 0) {
      bad_model(fmt::format("out_channels [{}] are not multiples of 4",
                            fmt::join(config.head.out_channels, ", ")));
    }
  }
  if (config.head.features % 8 != 0) {
    bad_model(fmt::format("{} features of the head are not a multiple of 8", config.head.features));
  }
  if (config.camera_encoder && vit.embed_dim % CameraConfig::encoder_heads != 0) {
    bad_model(fmt::format("{} channels are not a multiple of the camera encoder's {} heads",
                          vit.embed_dim, CameraConfig::encoder_heads));
  }
}

/// V2 metric models have the tensors of the relative ones: config.json distinguishes them, else the
/// name that the authors gave the file.
void settle_v2_meaning(const StatedConfig& stated, const std::string& file_name,
                       DepthAnythingConfig& config) {
  config.meaning = DepthMeaning::inverse;
  const bool named_metric = mentions(file_name, "metric");
  if (!stated.metric.value_or(named_metric)) return;
  config.meaning = DepthMeaning::metric;
  if (stated.max_depth) {
    config.max_depth = *stated.max_depth;
  } else if (mentions(file_name, "hypersim") || mentions(file_name, "indoor")) {
    config.max_depth = 20;
  } else if (mentions(file_name, "vkitti") || mentions(file_name, "outdoor")) {
    config.max_depth = 80;
  } else {
    bad_model(
        "a metric Depth Anything V2 model needs its max_depth: state it in config.json, or keep "
        "'metric_hypersim' (20 m) or 'metric_vkitti' (80 m) in the file's name");
  }
}

void settle_meaning(const StatedConfig& stated, const CheckpointNotes& notes,
                    DepthAnythingConfig& config) {
  const std::string file_name = canonical(notes.file_name);
  if (config.family == DepthAnythingFamily::v2) {
    settle_v2_meaning(stated, file_name, config);
  } else if (config.head.kind == DepthHead::dpt_sky) {
    const std::string name = stated.model_name.empty() ? file_name : canonical(stated.model_name);
    if (mentions(name, "metric")) config.meaning = DepthMeaning::focal_metric;
  }
}

/// Distill-Any-Depth has V2's networks and tensors: the name tells, or the layout of its Large.
bool is_distilled(const CheckpointNotes& notes, const DepthAnythingConfig& config) {
  return config.layout == KeyLayout::chunked ||
         (config.meaning == DepthMeaning::inverse && !reads_last_blocks(config.vit) &&
          mentions(canonical(notes.file_name), "distill"));
}

void settle_name(const CheckpointNotes& notes, DepthAnythingConfig& config) {
  for (const DepthAnythingVariant& variant : depth_anything_variants()) {
    VitConfig vit = variant.vit;
    vit.pos_embed_grid = config.vit.pos_embed_grid;
    if (same_sizes(variant, config) && vit == config.vit && variant.meaning == config.meaning) {
      config.name = variant.name;
      config.license = variant.license;
      if (is_distilled(notes, config)) {
        config.name.replace(0, std::string_view("depth-anything-v2").size(), "distill-any-depth");
        // As the model cards of the two forms say.
        config.license = config.layout == KeyLayout::transformers ? "MIT" : "Apache-2.0";
      }
      return;
    }
  }
  config.name = config.family == DepthAnythingFamily::v3 ? "da3-custom"
                : reads_last_blocks(config.vit)          ? "depth-anything-v1-custom"
                                                         : "depth-anything-v2-custom";
}

}  // namespace

std::string architecture(const DepthAnythingConfig& config) {
  const bool v3 = config.family == DepthAnythingFamily::v3;
  const char* v1_or_v2 = reads_last_blocks(config.vit) ? "V1" : "V2";
  const char* views = !v3 ? v1_or_v2 : config.vit.alt_start >= 0 ? "3 any-view" : "3 one-view";
  const auto head = [&] {
    switch (config.head.kind) {
      case DepthHead::dual_dpt:
        return "DualDPT head";
      case DepthHead::dpt_sky:
        return "DPT head with sky";
      case DepthHead::dpt:
        break;
    }
    return "DPT head";
  };
  const auto meaning = [&]() -> std::string {
    switch (config.meaning) {
      case DepthMeaning::inverse:
        return "inverse depth of unknown scale";
      case DepthMeaning::metric:
        return fmt::format("metres up to {:g}", config.max_depth);
      case DepthMeaning::focal_metric:
        return "metres where the focal length is known";
      case DepthMeaning::relative:
        break;
    }
    return "depth of unknown scale";
  };
  std::string text = fmt::format("Depth Anything {}: ViT of {} blocks x {}, {}", views,
                                 config.vit.blocks, config.vit.embed_dim, head());
  if (config.camera_decoder) text += ", camera decoder";
  if (config.camera_encoder) text += ", camera encoder";
  text += "; " + meaning();
  if (config.layout == KeyLayout::transformers) text += "; keys as in transformers";
  return text;
}

std::string expected_input(const DepthAnythingConfig& config) {
  return fmt::format("RGB, {} side {} pixels, both sides multiples of {}",
                     config.family == DepthAnythingFamily::v3 ? "longer" : "shorter",
                     config.process_res, VitConfig::patch);
}

DepthAnythingConfig recognise_depth_anything(const TensorShapes& tensors,
                                             const CheckpointNotes& notes) {
  StatedConfig stated;
  if (notes.config_json) stated = parse_depth_anything_json(*notes.config_json);
  const DepthAnythingCheckpoint checkpoint(tensors);
  DepthAnythingConfig config = checkpoint.sizes();
  check_agreement(stated, config, checkpoint);
  settle_layers(stated, notes, checkpoint, config);
  check_layers(config);
  settle_meaning(stated, notes, config);
  settle_name(notes, config);
  checkpoint.check_complete(config);
  return config;
}

}  // namespace depthcloud
