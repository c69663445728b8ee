// SPDX-License-Identifier: Apache-2.0
// Any config.json beside the tensors of the smallest layouts of Depth Anything and of MoGe-2, or
// any configuration within the checkpoint, gives a network or an Error.
#include <cstdint>
#include <string>

#include <depthcloud/error.hpp>

#include "depth/depth_anything/config.hpp"
#include "depth/depth_anything/tensors.hpp"
#include "depth/moge/config.hpp"

namespace {

using namespace depthcloud;

/// The tensors of a micro network of this layout.
TensorShapes micro(KeyLayout layout, DepthHead head) {
  DepthAnythingConfig config;
  config.layout = layout;
  config.family = layout == KeyLayout::da3 ? DepthAnythingFamily::v3 : DepthAnythingFamily::v2;
  config.vit.embed_dim = 32;
  config.vit.blocks = 4;
  config.vit.heads = 4;
  config.vit.pos_embed_grid = 2;
  config.head = {head, 16, {8, 12, 16, 24}};
  if (head == DepthHead::dual_dpt) {
    config.vit.alt_start = config.vit.qknorm_start = 1;
    config.vit.cat_token = true;
  }
  TensorShapes tensors;
  for (const ExpectedTensor& tensor : expected_tensors(config)) {
    const auto names = stored_names(layout, tensor.name);
    auto shape = tensor.shape;
    shape.front() /= static_cast<std::int64_t>(names.size());
    for (const std::string& name : names) tensors[name] = shape;
  }
  return tensors;
}

/// Those of the network in moge2_micro.config.json.
TensorShapes micro_moge() {
  using enum MogeStackConfig::Resampler;
  MogeConfig config;
  config.vit.embed_dim = 32;
  config.vit.blocks = 3;
  config.vit.heads = 2;
  config.vit.out_layers = {1, 2, -1, -1};
  config.vit.pos_embed_grid = 5;
  config.encoder_dim = 40;
  MogeStackConfig head;
  head.dims = head.dim_in = {40, 16, 12, 10, 6};
  head.residual_blocks = {0, 1, 1, 1, 0};
  head.resamplers = {conv_transpose, conv_transpose, conv_transpose, bilinear};
  config.neck = head;
  config.neck.dim_in = {42, 2, 2, 2, 2};
  head.dim_out = 3;
  config.points_head = head;
  config.normal_head = head;
  head.dim_out = 1;
  config.mask_head = head;
  config.scale_dims = {32, 24, 16, 1};
  return expected_tensors(config);
}

void recognise_as_moge(const TensorShapes& tensors, const CheckpointNotes& notes) {
  try {
    const MogeConfig config = recognise_moge(tensors, notes);
    if (config.vit.head_dim() * config.vit.heads != config.vit.embed_dim) __builtin_trap();
    if (intermediate_layers(config) != 2) __builtin_trap();
    if (config.token_range[0] < 1 || config.token_range[1] > MogeConfig::max_tokens_limit) {
      __builtin_trap();
    }
  } catch (const Error&) {
  }
}

void recognise(const TensorShapes& tensors, const CheckpointNotes& notes) {
  try {
    const DepthAnythingConfig config = recognise_depth_anything(tensors, notes);
    if (config.vit.head_dim() * config.vit.heads != config.vit.embed_dim) __builtin_trap();
    for (const int layer : config.vit.out_layers) {
      if (layer < 0 || layer >= config.vit.blocks) __builtin_trap();
    }
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TensorShapes any_view = micro(KeyLayout::da3, DepthHead::dual_dpt);
  static const TensorShapes mono = micro(KeyLayout::da3, DepthHead::dpt_sky);
  static const TensorShapes official = micro(KeyLayout::official, DepthHead::dpt);
  static const TensorShapes transformers = micro(KeyLayout::transformers, DepthHead::dpt);
  const CheckpointNotes notes{.config_json = std::string(data, data + size)};
  for (const TensorShapes* tensors : {&any_view, &mono, &official, &transformers}) {
    recognise(*tensors, notes);
  }
  static const TensorShapes moge = micro_moge();
  recognise_as_moge(moge, notes);
  recognise_as_moge(moge, {.model_config = notes.config_json});
  return 0;
}
