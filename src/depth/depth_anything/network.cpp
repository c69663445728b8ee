// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/network.hpp"

#include <array>
#include <cmath>
#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "depth/depth_anything/tensors.hpp"
#include "depth/stop.hpp"

namespace depthcloud {
namespace {

/// Prefixes end in the dot that Parameters::under() adds.
nn::Parameters below(const nn::Parameters& parameters, std::string_view prefix) {
  prefix.remove_suffix(1);
  return parameters.under(prefix);
}

/// Views that the head works on together: on the CPU one at a time fills the machine, and memory
/// counts.
std::int64_t views_at_once(const at::Device& device) { return device.is_cpu() ? 1 : 8; }

void validate(const at::Tensor& images) {
  constexpr std::int64_t patch = VitConfig::patch;
  const bool fits = images.dim() == 5 && images.size(0) > 0 && images.size(1) > 0 &&
                    images.size(2) == 3 && images.size(3) > 0 && images.size(4) > 0 &&
                    images.size(3) % patch == 0 && images.size(4) % patch == 0;
  if (fits) return;
  throw Error(ErrorCode::invalid_argument, Stage::infer,
              fmt::format("images of shape [{}] in place of [B, S, 3, H, W] with H and W multiples "
                          "of {}",
                          fmt::join(images.sizes(), ", "), patch));
}

}  // namespace

DepthAnything::DepthAnything(const DepthAnythingConfig& config, const nn::Parameters& parameters,
                             const std::stop_token& stop)
    : config_(config),
      stop_(stop),
      backbone_(below(parameters, backbone_prefix(config.family)), config.vit, stop),
      head_(below(parameters, head_prefix(config.family)), config.head, config.vit.feature_dim()) {
  const nn::Parameters in_f32 = parameters.with_precision(Precision::f32).under("model");
  if (config.camera_decoder) {
    camera_decoder_.emplace(in_f32.under("cam_dec"), config.vit.feature_dim());
  }
  if (config.camera_encoder) {
    camera_encoder_.emplace(in_f32.under("cam_enc"), config.vit.embed_dim);
  }
}

DepthAnythingOutput DepthAnything::operator()(const at::Tensor& images,
                                              const std::optional<nn::Cameras>& known,
                                              ReferenceView reference) {
  validate(images);
  if (known && !camera_encoder_) {
    throw Error(ErrorCode::unsupported, Stage::infer,
                fmt::format("{} takes no cameras", config_.name));
  }
  const std::int64_t scenes = images.size(0);
  const std::int64_t views = images.size(1);
  const nn::ImageSize size{images.size(3), images.size(4)};
  const at::Tensor camera_tokens =
      known ? (*camera_encoder_)(nn::encode_cameras(*known, size)) : at::Tensor{};
  const std::array<nn::Feature, 4> features = backbone_(images, camera_tokens, reference);

  std::vector<at::Tensor> values;
  std::vector<at::Tensor> skies;
  const std::int64_t step = views_at_once(images.device());
  for (std::int64_t first = 0; first < scenes * views; first += step) {
    throw_if_stopped(stop_);
    std::array<at::Tensor, 4> chunk;
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      chunk[i] = features[i].patches.flatten(0, 1).slice(0, first, first + step);
    }
    const nn::DptHead::Maps maps = head_(chunk, size);
    values.push_back(maps.values);
    if (maps.sky.defined()) skies.push_back(maps.sky);
  }
  const auto joined = [&](const std::vector<at::Tensor>& maps, std::int64_t channel) {
    std::vector<at::Tensor> planes;
    for (const at::Tensor& map : maps) planes.push_back(map.select(1, channel));
    return at::cat(planes).view({scenes, views, size.height, size.width});
  };

  DepthAnythingOutput output;
  output.depth = activate(joined(values, 0));
  if (config_.head.kind == DepthHead::dual_dpt)
    output.confidence = joined(values, 1).exp_().add_(1);
  if (!skies.empty()) {
    output.sky = joined(skies, 0).relu_();
    for (std::int64_t i = 0; i < scenes; ++i) {
      output.depth[i].copy_(fill_sky(output.depth[i], output.sky[i]));
    }
  }
  if (camera_decoder_) {
    output.cameras = nn::decode_cameras((*camera_decoder_)(features.back().camera), size);
  }
  return output;
}

at::Tensor DepthAnything::activate(const at::Tensor& values) const {
  switch (config_.meaning) {
    case DepthMeaning::inverse:
      return values.relu();
    case DepthMeaning::metric:
      return values.sigmoid().mul_(config_.max_depth);
    case DepthMeaning::relative:
    case DepthMeaning::focal_metric:
      break;
  }
  return values.exp();
}

at::Tensor to_metres(const at::Tensor& depth, double focal) {
  constexpr double canonical_focal = 300;  // pixels: what the network was trained for
  return depth * (focal / canonical_focal);
}

at::Tensor fill_sky(const at::Tensor& depth, const at::Tensor& sky) {
  constexpr std::int64_t min_pixels = 10;
  constexpr double quantile = 0.99;
  const at::Tensor ground = sky < ground_below;
  const at::Tensor ground_depth = depth.masked_select(ground);
  const std::int64_t count = ground_depth.numel();
  if (count <= min_pixels || depth.numel() - count <= min_pixels) return depth;
  // Linear between the two order statistics around the quantile.
  const double position = quantile * static_cast<double>(count - 1);
  const auto lower = static_cast<std::int64_t>(std::floor(position));
  const at::Tensor largest = std::get<0>(ground_depth.topk(count - lower));
  const double below = largest[-1].item<double>();
  const double above = largest[std::max<std::int64_t>(count - lower - 2, 0)].item<double>();
  const double far = below + (position - static_cast<double>(lower)) * (above - below);
  return at::where(ground, depth, at::scalar_tensor(far, depth.options()));
}

}  // namespace depthcloud
