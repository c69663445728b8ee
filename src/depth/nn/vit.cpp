// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/vit.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include <ATen/ATen.h>

#include "depth/stop.hpp"

namespace depthcloud::nn {
namespace {

constexpr std::int64_t patch = VitConfig::patch;
/// Every pixel of a patch in three channels.
constexpr std::int64_t patch_values = 3 * patch * patch;

/// The smallest number of views for which a reference view is chosen.
constexpr std::int64_t min_views_to_reorder = 3;

/// The stride of a patch embedding is its kernel: it is a linear layer on the patch's pixels.
Linear patch_embedding(const Parameters& parameters, std::int64_t dim) {
  const auto flattened = [&](const std::string& name, at::IntArrayRef shape) {
    if (name != "weight") return parameters.matrix(name, shape);
    return parameters.matrix(name, {dim, 3, patch, patch}).view(shape);
  };
  return Linear(Parameters(flattened, parameters.device(), parameters.precision()), patch_values,
                dim);
}

/// [Q, 3, H, W] -> [Q, N, 3 * 14 * 14].
at::Tensor to_patches(const at::Tensor& images, const PatchGrid& grid) {
  return images.reshape({-1, 3, grid.height, patch, grid.width, patch})
      .permute({0, 2, 4, 1, 3, 5})
      .reshape({-1, grid.count(), patch_values});
}

PatchGrid patch_grid(const at::Tensor& images) {
  return {images.size(-2) / patch, images.size(-1) / patch};
}

/// The indices that sort each row.
at::Tensor ranks(const at::Tensor& rows) { return std::get<1>(rows.sort(1)); }

/// x with views in another order; `order` is [B, S].
at::Tensor reorder(const at::Tensor& x, const at::Tensor& order) {
  const at::Tensor index = order.view({order.size(0), order.size(1), 1, 1}).expand_as(x);
  return x.gather(1, index);
}

/// u u^T - I of the directions u of class tokens [B, S, C]: [B, S, S].
at::Tensor likeness_of(const at::Tensor& directions) {
  return at::matmul(directions, directions.transpose(1, 2)) - at::eye(directions.size(1));
}

/// The view of each scene that is nearest to the middle of the range of three scores.
at::Tensor least_extreme(const at::Tensor& tokens) {
  const at::Tensor norms = tokens.norm(2, at::IntArrayRef{-1});
  const at::Tensor directions = tokens / norms.unsqueeze(-1);
  const at::Tensor likeness =
      likeness_of(directions).sum(-1) / static_cast<double>(tokens.size(1) - 1);
  const at::Tensor spread = directions.var(/*dim=*/at::IntArrayRef{-1}, /*unbiased=*/true);
  at::Tensor extremity = at::zeros_like(norms);
  for (const at::Tensor& score : {likeness, norms, spread}) {
    const at::Tensor lowest = score.amin(1, /*keepdim=*/true);
    const at::Tensor range = score.amax(1, /*keepdim=*/true) - lowest + 1e-8;
    extremity += ((score - lowest) / range - 0.5).abs();
  }
  return extremity.argmin(1, /*keepdim=*/true);
}

/// The view of each scene whose likeness to all views spans the widest range.
at::Tensor widest_likeness(const at::Tensor& tokens) {
  const at::Tensor norms = tokens.norm(2, at::IntArrayRef{-1}, /*keepdim=*/true);
  const at::Tensor likeness = likeness_of(tokens / norms);
  return (likeness.amax(-1) - likeness.amin(-1)).argmax(1, /*keepdim=*/true);
}

/// The reference view of each scene, [B, 1], by class tokens [B, S, C].
at::Tensor reference_of(const at::Tensor& tokens, ReferenceView reference) {
  const auto always = [&](std::int64_t view) {
    return at::full({tokens.size(0), 1}, view, at::kLong);
  };
  switch (reference) {
    case ReferenceView::saddle_sim_range:
      return widest_likeness(tokens);
    case ReferenceView::first:
      return always(0);
    case ReferenceView::middle:
      return always(tokens.size(1) / 2);
    case ReferenceView::saddle_balanced:
      break;
  }
  return least_extreme(tokens);
}

}  // namespace

TransformerBlock::Options block_options(const VitConfig& config, int index) {
  TransformerBlock::Options options;
  options.attention.dim = config.embed_dim;
  options.attention.heads = config.heads;
  if (config.qknorm_start >= 0 && index >= config.qknorm_start) {
    options.attention.qk_norm_epsilon = VitConfig::qk_norm_epsilon;
  }
  options.mlp_ratio = VitConfig::mlp_ratio;
  options.norm_epsilon = VitConfig::block_norm_epsilon;
  return options;
}

Vit::Vit(const Parameters& parameters, const VitConfig& config, const std::stop_token& stop)
    : config_(config),
      stop_(stop),
      patch_embed_(
          patch_embedding(parameters.under("patch_embed").under("proj"), config.embed_dim)),
      class_token_(parameters.f32("cls_token", {1, 1, config.embed_dim})),
      position_embed_(parameters.f32(
          "pos_embed", {1, 1 + config.pos_embed_grid * config.pos_embed_grid, config.embed_dim})),
      norm_(parameters.under("norm"), config.embed_dim, config.final_norm_epsilon) {
  if (config.alt_start >= 0)
    camera_token_ = parameters.f32("camera_token", {1, 2, config.embed_dim});
  for (int i = 0; i < config.blocks; ++i) {
    blocks_.emplace_back(parameters.under("blocks").under(std::to_string(i)),
                         block_options(config, i));
  }
}

at::Tensor Vit::position_embedding(const PatchGrid& grid) const {
  const std::int64_t side = config_.pos_embed_grid;
  if (grid == PatchGrid{side, side}) return position_embed_;
  const at::Tensor stored =
      position_embed_.narrow(1, 1, side * side).view({1, side, side, -1}).permute({0, 3, 1, 2});
  // The networks were trained with this offset, which moves every sample: it must be kept.
  constexpr double offset = 0.1;
  const double vertical = (static_cast<double>(grid.height) + offset) / static_cast<double>(side);
  const double horizontal = (static_cast<double>(grid.width) + offset) / static_cast<double>(side);
  const at::Tensor resized = at::upsample_bicubic2d(stored.contiguous(), {grid.height, grid.width},
                                                    /*align_corners=*/false, vertical, horizontal)
                                 .permute({0, 2, 3, 1})
                                 .reshape({1, grid.count(), -1});
  return at::cat({position_embed_.narrow(1, 0, 1), resized}, 1);
}

const Vit::Positions& Vit::positions(std::int64_t views, const PatchGrid& grid) {
  if (positions_.views == views && positions_.grid == grid) return positions_;
  positions_ = {grid, views, position_embedding(grid), {}, {}};
  if (config_.rope_start >= 0) {
    const auto rope = [&](const at::Tensor& at) {
      return Rope(at.to(class_token_.device()), config_.head_dim(), VitConfig::rope_base);
    };
    positions_.local = rope(grid_positions(1, grid.height, grid.width));
    positions_.global = rope(kind_positions(views, grid.count()));
  }
  return positions_;
}

at::Tensor Vit::embed(const at::Tensor& images) {
  const std::int64_t scenes = images.size(0);
  const std::int64_t views = images.size(1);
  const PatchGrid grid = patch_grid(images);
  const at::Tensor patches = patch_embed_(to_patches(images.flatten(0, 1), grid)).to(at::kFloat);
  const at::Tensor classes = class_token_.expand({scenes * views, 1, config_.embed_dim});
  return at::cat({classes, patches}, 1)
      .add_(positions(views, grid).embedding)
      .view({scenes, views, 1 + grid.count(), config_.embed_dim});
}

bool Vit::is_global(std::size_t index) const {
  return config_.alt_start >= 0 && static_cast<int>(index) >= config_.alt_start && index % 2 == 1;
}

const Rope* Vit::rope(std::size_t index, std::int64_t views, const PatchGrid& grid) {
  if (config_.rope_start < 0 || static_cast<int>(index) < config_.rope_start) return nullptr;
  const Positions& tables = positions(views, grid);
  return is_global(index) ? &*tables.global : &*tables.local;
}

at::Tensor Vit::run_block(std::size_t index, const at::Tensor& x, const PatchGrid& grid) {
  const std::int64_t sequences = is_global(index) ? x.size(0) : x.size(0) * x.size(1);
  const at::Tensor sequence = x.reshape({sequences, -1, config_.embed_dim});
  return blocks_[index](sequence, rope(index, x.size(1), grid)).view(x.sizes());
}

at::Tensor Vit::with_camera_tokens(const at::Tensor& x, const at::Tensor& camera_tokens) const {
  at::Tensor tokens = camera_tokens;
  if (!tokens.defined()) {
    const at::Tensor first = camera_token_.narrow(1, 0, 1);
    const at::Tensor others =
        camera_token_.narrow(1, 1, 1).expand({1, x.size(1) - 1, config_.embed_dim});
    tokens = at::cat({first, others}, 1);
  }
  at::Tensor result = x.clone();
  result.select(2, 0).copy_(tokens.expand({x.size(0), x.size(1), config_.embed_dim}));
  return result;
}

std::array<Feature, 4> Vit::operator()(const at::Tensor& images, const at::Tensor& camera_tokens,
                                       ReferenceView reference) {
  const PatchGrid grid = patch_grid(images);
  const bool reorders =
      config_.alt_start > 0 && images.size(1) >= min_views_to_reorder && !camera_tokens.defined();
  at::Tensor x = embed(images);
  at::Tensor local = x;  // what the last block within views gave
  at::Tensor original_order;
  const auto restored = [&](const at::Tensor& views) {
    return original_order.defined() ? reorder(views, original_order) : views;
  };

  std::array<Feature, 4> features;
  std::size_t found = 0;
  for (int i = 0; i < config_.blocks; ++i) {
    throw_if_stopped(stop_);
    if (reorders && i == config_.alt_start - 1) {
      const at::Tensor order = reference_first(x, reference);
      original_order = ranks(order);
      x = reorder(x, order);
    }
    if (i == config_.alt_start) x = with_camera_tokens(x, camera_tokens);
    const auto index = static_cast<std::size_t>(i);
    x = run_block(index, x, grid);
    if (!is_global(index)) local = x;
    if (std::find(config_.out_layers.begin(), config_.out_layers.end(), i) ==
        config_.out_layers.end()) {
      continue;
    }
    const at::Tensor here = restored(x);
    Feature feature{norm_(here.narrow(2, 1, grid.count())), here.select(2, 0)};
    if (config_.cat_token) {
      const at::Tensor before = restored(local);
      feature.patches = at::cat({before.narrow(2, 1, grid.count()), feature.patches}, -1);
      feature.camera = at::cat({before.select(2, 0), feature.camera}, -1);
    }
    features[found++] = std::move(feature);
  }
  return features;
}

at::Tensor reference_first(const at::Tensor& x, ReferenceView reference) {
  at::Tensor order = at::arange(x.size(1)).repeat({x.size(0), 1});
  // The reference sorts before all others, which keep their order.
  order.scatter_(1, reference_of(x.select(2, 0).to(at::kCPU, at::kFloat), reference), -1);
  return ranks(order).to(x.device());
}

}  // namespace depthcloud::nn
