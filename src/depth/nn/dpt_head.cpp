// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/dpt_head.hpp"

#include <algorithm>
#include <string>

#include <ATen/ATen.h>

namespace depthcloud::nn {
namespace {

constexpr Conv2dOptions conv1x1{};
constexpr Conv2dOptions conv3x3{.kernel = 3, .stride = 1, .padding = 1, .bias = true};
constexpr Conv2dOptions conv3x3_no_bias{.kernel = 3, .stride = 1, .padding = 1, .bias = false};
constexpr Conv2dOptions conv3x3_half{.kernel = 3, .stride = 2, .padding = 1, .bias = true};

/// On the CPU the channels between the last two convolutions, the largest map of all, exist for a
/// band of rows at a time, which stays in the cache.
constexpr std::int64_t rows_per_band = 32;

/// How the kinds of head differ.
struct Kind {
  bool normalize;  ///< features, and add positions to maps
  std::int64_t values;
  bool sky;
};

constexpr Kind kind(DepthHead head) {
  switch (head) {
    case DepthHead::dual_dpt:
      return {.normalize = true, .values = 2, .sky = false};
    case DepthHead::dpt_sky:
      return {.normalize = false, .values = 1, .sky = true};
    case DepthHead::dpt:
      break;
  }
  return {.normalize = false, .values = 1, .sky = false};
}

ImageSize size_of(const at::Tensor& map) { return {map.size(-2), map.size(-1)}; }

at::Tensor resize_bilinear(const at::Tensor& map, const ImageSize& size) {
  return at::upsample_bilinear2d(map, {size.height, size.width}, /*align_corners=*/true);
}

}  // namespace

ResidualConvUnit::ResidualConvUnit(const Parameters& parameters, std::int64_t channels)
    : conv1_(parameters.under("conv1"), channels, channels, conv3x3),
      conv2_(parameters.under("conv2"), channels, channels, conv3x3) {}

at::Tensor ResidualConvUnit::operator()(const at::Tensor& x) const {
  return conv2_(conv1_(x.relu()).relu_()).add_(x);
}

FusionBlock::FusionBlock(const Parameters& parameters, std::int64_t channels, bool lateral)
    : unit_(parameters.under("resConfUnit2"), channels),
      out_conv_(parameters.under("out_conv"), channels, channels, conv1x1) {
  if (lateral) lateral_unit_.emplace(parameters.under("resConfUnit1"), channels);
}

at::Tensor FusionBlock::operator()(const at::Tensor& x, const at::Tensor& lateral,
                                   const ImageSize& size) const {
  const at::Tensor merged = lateral_unit_ ? (*lateral_unit_)(lateral).add_(x) : x;
  // The reference enlarges first. A 1 x 1 convolution and an interpolation, whose weights sum to 1,
  // commute, and this way round the convolution has a quarter of the pixels.
  return resize_bilinear(out_conv_(unit_(merged)), size);
}

DptHead::Output::Output(const Parameters& parameters, std::int64_t in, std::int64_t out)
    : conv(parameters.under("0"), in, DepthHeadConfig::neck_channels, conv3x3),
      values(parameters.under("2"), DepthHeadConfig::neck_channels, out, conv1x1) {}

at::Tensor DptHead::Output::operator()(const at::Tensor& x) const {
  const std::int64_t height = x.size(2);
  const std::int64_t step = x.is_cpu() ? rows_per_band : height;
  std::vector<at::Tensor> bands;
  for (std::int64_t first = 0; first < height; first += step) {
    const std::int64_t rows = std::min(step, height - first);
    // The window of the first convolution reaches one row further.
    const std::int64_t above = std::min<std::int64_t>(first, 1);
    const std::int64_t below = std::min<std::int64_t>(height - first - rows, 1);
    const at::Tensor hidden = conv(x.narrow(2, first - above, above + rows + below));
    bands.push_back(values(hidden.narrow(2, above, rows).relu_()));
  }
  return at::cat(bands, 2);
}

DptHead::DptHead(const Parameters& parameters, const DepthHeadConfig& config,
                 std::int64_t feature_dim)
    : positions_(kind(config.kind).normalize),
      resize_x4_(parameters.under("resize_layers.0"), config.out_channels[0],
                 config.out_channels[0], 4),
      resize_x2_(parameters.under("resize_layers.1"), config.out_channels[1],
                 config.out_channels[1], 2),
      resize_half_(parameters.under("resize_layers.3"), config.out_channels[3],
                   config.out_channels[3], conv3x3_half),
      reduce_(parameters.under("scratch.output_conv1"), config.features, config.features / 2,
              conv3x3),
      output_(parameters.under("scratch.output_conv2"), config.features / 2,
              kind(config.kind).values) {
  if (kind(config.kind).normalize) {
    norm_.emplace(parameters.under("norm"), feature_dim, DepthHeadConfig::norm_epsilon);
  }
  const Parameters scratch = parameters.under("scratch");
  for (std::size_t scale = 0; scale < 4; ++scale) {
    const std::int64_t channels = config.out_channels[scale];
    const std::string number = std::to_string(scale + 1);
    projects_.emplace_back(parameters.under("projects").under(std::to_string(scale)), feature_dim,
                           channels, conv1x1);
    laterals_.emplace_back(scratch.under("layer" + number + "_rn"), channels, config.features,
                           conv3x3_no_bias);
    fusions_.emplace_back(scratch.under("refinenet" + number), config.features,
                          /*lateral=*/scale < 3);
  }
  if (kind(config.kind).sky) {
    sky_output_.emplace(scratch.under("sky_output_conv2"), config.features / 2, 1);
  }
}

at::Tensor DptHead::normalize(const at::Tensor& feature) const {
  return norm_ ? (*norm_)(feature) : feature;
}

at::Tensor DptHead::project(std::size_t scale, const at::Tensor& feature,
                            const PatchGrid& grid) const {
  const at::Tensor map =
      feature.reshape({feature.size(0), grid.height, grid.width, -1}).permute({0, 3, 1, 2});
  return projects_[scale](map);
}

at::Tensor DptHead::resize(std::size_t scale, const at::Tensor& projected) const {
  switch (scale) {
    case 0:
      return resize_x4_(projected);
    case 1:
      return resize_x2_(projected);
    case 2:
      return projected;
    default:
      return resize_half_(projected);
  }
}

at::Tensor DptHead::to_lateral(std::size_t scale, const at::Tensor& resized) const {
  return laterals_[scale](resized);
}

at::Tensor DptHead::fuse(std::size_t scale, const at::Tensor& x, const at::Tensor& lateral,
                         const ImageSize& size) const {
  return fusions_[scale](x, lateral, size);
}

at::Tensor DptHead::reduce(const at::Tensor& fused) const { return reduce_(fused); }

at::Tensor DptHead::enlarge(const at::Tensor& reduced, const ImageSize& image) {
  return with_positions(resize_bilinear(reduced, image), image);
}

DptHead::Maps DptHead::predict(const at::Tensor& enlarged) const {
  Maps maps;
  maps.values = output_(enlarged);
  if (sky_output_) maps.sky = (*sky_output_)(enlarged);
  return maps;
}

at::Tensor DptHead::with_positions(const at::Tensor& map, const ImageSize& image) {
  if (!positions_) return map;
  if (embedded_size_ != image) embeddings_.clear();
  embedded_size_ = image;
  const ImageSize size = size_of(map);
  const std::array<std::int64_t, 3> key{map.size(1), size.height, size.width};
  auto found = std::find_if(embeddings_.begin(), embeddings_.end(),
                            [&](const auto& entry) { return entry.first == key; });
  if (found == embeddings_.end()) {
    embeddings_.emplace_back(key, UvEmbedding(map.size(1), size, image, map.device()));
    found = std::prev(embeddings_.end());
  }
  return found->second.add_to(map);
}

DptHead::Maps DptHead::operator()(const std::array<at::Tensor, 4>& features,
                                  const ImageSize& image) {
  const PatchGrid grid{image.height / VitConfig::patch, image.width / VitConfig::patch};
  std::array<at::Tensor, 4> laterals;
  for (std::size_t scale = 0; scale < 4; ++scale) {
    const at::Tensor projected = project(scale, normalize(features[scale]), grid);
    laterals[scale] = to_lateral(scale, resize(scale, with_positions(projected, image)));
  }
  at::Tensor x = fuse(3, laterals[3], {}, size_of(laterals[2]));
  x = fuse(2, x, laterals[2], size_of(laterals[1]));
  x = fuse(1, x, laterals[1], size_of(laterals[0]));
  const ImageSize finest = size_of(laterals[0]);
  x = fuse(0, x, laterals[0], {2 * finest.height, 2 * finest.width});
  // The largest maps follow: each takes the place of the one before it.
  laterals = {};
  x = reduce(x);
  x = enlarge(x, image);
  return predict(x);
}

}  // namespace depthcloud::nn
