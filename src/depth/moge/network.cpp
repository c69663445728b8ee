// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/network.hpp"

#include <string>
#include <utility>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "depth/moge/token_grid.hpp"
#include "depth/stop.hpp"

namespace depthcloud {
namespace {

constexpr std::int64_t patch = VitConfig::patch;

/// Images that the heads work on together: on the CPU one at a time fills the machine, and memory
/// counts.
std::int64_t images_at_once(const at::Device& device) { return device.is_cpu() ? 1 : 8; }

void validate(const at::Tensor& images) {
  const bool fits = images.dim() == 4 && images.size(0) > 0 && images.size(1) == 3 &&
                    images.size(2) > 0 && images.size(3) > 0 && images.size(2) % patch == 0 &&
                    images.size(3) % patch == 0;
  if (fits) return;
  throw Error(ErrorCode::invalid_argument, Stage::infer,
              fmt::format("images of shape [{}] in place of [B, 3, H, W] with H and W multiples of "
                          "{}",
                          fmt::join(images.sizes(), ", "), patch));
}

/// A row of view-plane coordinates.
at::Tensor line(int count, double extent) {
  const std::vector<float> values = pixel_centres(count, extent);
  return at::tensor(at::ArrayRef<float>(values));
}

/// The authors resize before they activate, without anti-aliasing whichever way.
at::Tensor resized(const at::Tensor& map, const Grid& image) {
  return at::upsample_bilinear2d(map.contiguous(), {image.height, image.width},
                                 /*align_corners=*/false);
}

}  // namespace

Moge::Moge(const MogeConfig& config, const nn::Parameters& parameters, bool with_normals,
           const std::stop_token& stop)
    : config_(config),
      stop_(stop),
      backbone_(parameters.under("encoder").under("backbone"), config.vit, stop),
      class_norm_(parameters.under("encoder").under("backbone").under("norm"), config.vit.embed_dim,
                  config.vit.final_norm_epsilon),
      neck_(parameters.under("neck"), config.neck),
      points_head_(parameters.under("points_head"), config.points_head) {
  const nn::Parameters in_f32 = parameters.with_precision(Precision::f32);
  const nn::Parameters projections = in_f32.under("encoder").under("output_projections");
  for (std::size_t k = 0; k < intermediate_layers(config); ++k) {
    projections_.emplace_back(projections.under(std::to_string(k)), config.vit.embed_dim,
                              config.encoder_dim);
  }
  if (config.mask_head) mask_head_.emplace(parameters.under("mask_head"), *config.mask_head);
  if (config.normal_head && with_normals) {
    normal_head_.emplace(parameters.under("normal_head"), *config.normal_head);
  }
  for (std::size_t i = 0; config.scale_dims && i < 3; ++i) {
    scale_head_.emplace_back(in_f32.under("scale_head").under(std::to_string(2 * i)),
                             (*config.scale_dims)[i], (*config.scale_dims)[i + 1]);
  }
}

Moge::Encoded Moge::encode(const at::Tensor& images) {
  const std::int64_t rows = images.size(2) / patch;
  const std::int64_t columns = images.size(3) / patch;
  const auto features = backbone_(images.unsqueeze(1));
  Encoded encoded;
  for (std::size_t k = 0; k < projections_.size(); ++k) {
    const at::Tensor map = features[k]
                               .patches.reshape({-1, rows, columns, config_.vit.embed_dim})
                               .permute({0, 3, 1, 2});
    const at::Tensor projected = projections_[k](map);
    encoded.features = k == 0 ? projected : encoded.features.add_(projected);
  }
  encoded.class_token = class_norm_(features[projections_.size() - 1].camera.squeeze(1));
  return encoded;
}

MogeStack::Levels Moge::neck(const at::Tensor& features, const Grid& image) const {
  MogeStack::Levels inputs;
  for (std::size_t level = 0; level < inputs.size(); ++level) {
    const Grid map{static_cast<int>(features.size(3) << level),
                   static_cast<int>(features.size(2) << level)};
    inputs[level] = view_plane_uv(map, image, features.device());
  }
  const std::int64_t batch = features.size(0);
  inputs[0] = at::cat({features, inputs[0].expand({batch, -1, -1, -1})}, 1);
  for (std::size_t level = 1; level < inputs.size(); ++level) {
    inputs[level] = inputs[level].expand({batch, -1, -1, -1});
  }
  return neck_(inputs);
}

at::Tensor Moge::points_head(const MogeStack::Levels& levels) const {
  return points_head_.output(points_head_(levels).back());
}

at::Tensor Moge::mask_head(const MogeStack::Levels& levels) const {
  return mask_head_->output((*mask_head_)(levels).back());
}

at::Tensor Moge::normal_head(const MogeStack::Levels& levels) const {
  return normal_head_->output((*normal_head_)(levels).back());
}

at::Tensor Moge::scale_head(const at::Tensor& class_token) const {
  return scale_head_[2](scale_head_[1](scale_head_[0](class_token).relu_()).relu_());
}

MogeOutput Moge::decode(const Encoded& encoded, const Grid& image) const {
  constexpr double least_length = 1e-12;
  MogeOutput output;
  throw_if_stopped(stop_);
  const MogeStack::Levels levels = neck(encoded.features, image);
  throw_if_stopped(stop_);
  output.points = remap_points(resized(points_head(levels), image), config_.remap);
  if (mask_head_) {
    throw_if_stopped(stop_);
    output.mask = resized(mask_head(levels), image).squeeze(1).sigmoid_();
  }
  if (normal_head_) {
    throw_if_stopped(stop_);
    const at::Tensor raw = resized(normal_head(levels), image);
    output.normals =
        raw / raw.norm(2, at::IntArrayRef{1}, /*keepdim=*/true).clamp_min_(least_length);
  }
  if (!scale_head_.empty()) output.scale = scale_head(encoded.class_token).squeeze(1).exp_();
  return output;
}

MogeOutput Moge::operator()(const at::Tensor& images, const Grid& image) {
  validate(images);
  const Encoded encoded = encode(images);
  std::vector<at::Tensor> points, masks, normals, scales;
  const std::int64_t step = images_at_once(images.device());
  for (std::int64_t first = 0; first < images.size(0); first += step) {
    MogeOutput part = decode({encoded.features.slice(0, first, first + step),
                              encoded.class_token.slice(0, first, first + step)},
                             image);
    points.push_back(std::move(part.points));
    masks.push_back(std::move(part.mask));
    normals.push_back(std::move(part.normals));
    scales.push_back(std::move(part.scale));
  }
  const auto joined = [](const std::vector<at::Tensor>& parts) {
    return parts.size() == 1 || !parts.front().defined() ? parts.front() : at::cat(parts);
  };
  return {joined(points), joined(masks), joined(normals), joined(scales)};
}

at::Tensor view_plane_uv(const Grid& map, const Grid& image, const at::Device& device) {
  const ViewPlane plane = view_plane(image);
  const at::Tensor u = line(map.width, plane.width).view({1, 1, 1, map.width});
  const at::Tensor v = line(map.height, plane.height).view({1, 1, map.height, 1});
  const std::int64_t shape[] = {1, 1, map.height, map.width};
  return at::cat({u.expand(shape), v.expand(shape)}, 1).to(device);
}

at::Tensor remap_points(const at::Tensor& raw, MogeRemap remap) {
  const auto xy = [&] { return raw.narrow(1, 0, 2); };
  const auto z = [&] { return raw.narrow(1, 2, 1); };
  switch (remap) {
    case MogeRemap::linear:
      return raw;
    case MogeRemap::sinh:
      return raw.sinh();
    case MogeRemap::exp: {
      const at::Tensor depth = z().exp();
      return at::cat({xy() * depth, depth}, 1);
    }
    case MogeRemap::sinh_exp:
      break;
  }
  return at::cat({xy().sinh(), z().exp()}, 1);
}

}  // namespace depthcloud
