// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/checkpoint.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "depth/depth_anything/tensors.hpp"
#include "depth/nn/tensor_sizes.hpp"

namespace depthcloud {
namespace {

using Part = ExpectedTensor::Part;
using Shape = std::vector<std::int64_t>;

[[noreturn]] void bad_model(const std::string& message) {
  throw Error(ErrorCode::bad_model, Stage::load, message);
}

KeyLayout find_layout(const TensorShapes& stored) {
  const auto refuse = [](const char* which) {
    throw Error(
        ErrorCode::unsupported, Stage::load,
        fmt::format("{} Depth Anything models are not supported (small, base and large are)",
                    which));
  };
  if (has_below(stored, "model.da3.") || has_below(stored, "model.da3_metric.")) refuse("nested");
  const auto is_giant = [](const auto& tensor) {
    return tensor.first.find(".mlp.w12.") != std::string::npos ||
           tensor.first.find(".mlp.weights_in.") != std::string::npos;
  };
  if (std::any_of(stored.begin(), stored.end(), is_giant)) refuse("giant");
  if (has_below(stored, "model.backbone.pretrained.")) return KeyLayout::da3;
  if (has_below(stored, "pretrained.")) return KeyLayout::official;
  if (has_below(stored, "backbone.embeddings.")) return KeyLayout::transformers;
  if (has_below(stored, "backbone.blocks.0.0.")) return KeyLayout::chunked;
  throw Error(ErrorCode::unsupported, Stage::load,
              stored.empty()
                  ? std::string("the checkpoint has no tensors")
                  : fmt::format("not a Depth Anything checkpoint: none of the tensors ({}, ...) "
                                "is named as one of model.backbone.pretrained.*, pretrained.*, "
                                "backbone.embeddings.* or backbone.blocks.0.0.*",
                                quote(stored.begin()->first)));
}

bool needs(Part part, const DepthAnythingConfig& config) {
  switch (part) {
    case Part::core:
      return true;
    case Part::camera_decoder:
      return config.camera_decoder;
    case Part::camera_encoder:
      return config.camera_encoder;
    case Part::ray_branch:
      return config.ray_branch;
    case Part::unused:
      return false;
  }
  return false;
}

/// The shape of each of the stored tensors that make up an official one.
Shape stored_shape(const ExpectedTensor& tensor, std::size_t parts) {
  Shape shape = tensor.shape;
  shape.front() /= static_cast<std::int64_t>(parts);
  return shape;
}

}  // namespace

DepthAnythingCheckpoint::DepthAnythingCheckpoint(const TensorShapes& stored)
    : stored_(stored),
      layout_(find_layout(stored)),
      family_(layout_ == KeyLayout::da3 ? DepthAnythingFamily::v3 : DepthAnythingFamily::v2) {}

std::string DepthAnythingCheckpoint::backbone(std::string_view tail) const {
  return std::string(backbone_prefix(family_)).append(tail);
}

std::string DepthAnythingCheckpoint::head(std::string_view tail) const {
  return std::string(head_prefix(family_)).append(tail);
}

std::string DepthAnythingCheckpoint::stored_name(std::string_view official) const {
  return stored_names(layout_, official).front();
}

bool DepthAnythingCheckpoint::has_any_below(std::string_view prefix) const {
  return has_below(stored_, prefix);
}

int DepthAnythingCheckpoint::size(const std::string& official, std::size_t rank, std::size_t axis,
                                  int most) const {
  return TensorSizes(stored_).size(stored_name(official), rank, axis, most);
}

/// One more than the highest block that has tensors.
int DepthAnythingCheckpoint::count_blocks() const {
  const std::string prefix = layout_ == KeyLayout::transformers ? "backbone.encoder.layer."
                             : layout_ == KeyLayout::chunked    ? "backbone.blocks.0."
                                                                : backbone("blocks.");
  return TensorSizes(stored_).count(prefix, VitConfig::max_blocks);
}

int DepthAnythingCheckpoint::pos_embed_grid() const {
  return TensorSizes(stored_).pos_embed_grid(stored_name(backbone("pos_embed")));
}

DepthAnythingConfig DepthAnythingCheckpoint::sizes() const {
  DepthAnythingConfig config;
  config.family = family_;
  config.layout = layout_;
  const bool v3 = config.family == DepthAnythingFamily::v3;
  config.process_res = v3 ? 504 : 518;
  config.vit.embed_dim = size(backbone("pos_embed"), 3, 2, VitConfig::max_embed_dim);
  config.vit.pos_embed_grid = pos_embed_grid();
  config.vit.blocks = count_blocks();
  config.vit.final_norm_epsilon = v3 ? 1e-5 : 1e-6;
  if (v3) {
    config.head.kind = has_any_below("model.head.norm.") ? DepthHead::dual_dpt : DepthHead::dpt_sky;
  }
  config.vit.cat_token = config.head.kind == DepthHead::dual_dpt;
  config.head.features = size(head("scratch.layer1_rn.weight"), 4, 0, VitConfig::max_embed_dim);
  for (std::size_t k = 0; k < 4; ++k) {
    config.head.out_channels[k] =
        size(head(fmt::format("projects.{}.weight", k)), 4, 0, VitConfig::max_embed_dim);
  }
  config.camera_decoder = has_any_below("model.cam_dec.");
  config.camera_encoder = has_any_below("model.cam_enc.");
  config.ray_branch = has_any_below("model.head.scratch.refinenet1_aux.");
  return config;
}

void DepthAnythingCheckpoint::check_complete(const DepthAnythingConfig& config) const {
  std::set<std::string_view> known;
  for (const ExpectedTensor& tensor : expected_tensors(config)) {
    const std::vector<std::string> names = stored_names(config.layout, tensor.name);
    const Shape wanted = stored_shape(tensor, names.size());
    for (const std::string& name : names) {
      const auto found = stored_.find(name);
      if (found == stored_.end()) {
        if (needs(tensor.part, config)) {
          bad_model(fmt::format("{}: tensor {} is missing", config.name, quote(name)));
        }
        continue;
      }
      if (found->second != wanted) {
        bad_model(fmt::format("{}: tensor {} has the shape [{}], it must be [{}]", config.name,
                              quote(name), fmt::join(found->second, ", "),
                              fmt::join(wanted, ", ")));
      }
      known.insert(found->first);
    }
  }
  for (const auto& [name, shape] : stored_) {
    if (!known.contains(name)) {
      bad_model(fmt::format("{}: tensor {} does not belong to it", config.name, quote(name)));
    }
  }
}

}  // namespace depthcloud
