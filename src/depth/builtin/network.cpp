// SPDX-License-Identifier: Apache-2.0
#include "depth/builtin/network.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "depth/nn/stored_tensor.hpp"
#include "io/weights_file.hpp"

namespace depthcloud {
namespace {

using at::Tensor;

constexpr std::int64_t stem_stride = 4;
constexpr std::int64_t total_stride = 32;

/// One resolution of the encoder: `dilations` holds one entry a residual block.
struct Level {
  const char* name;
  std::int64_t channels;
  std::vector<std::int64_t> dilations;
};

/// Strides 4, 8, 16, 32. Dense 3x3 convolutions in multiples of 16 channels are what a CPU runs
/// fastest; the dilated block lets the coarsest level see the whole of a larger grid.
const std::array<Level, 4>& levels() {
  static const std::array<Level, 4> all{{{"level4", 32, {1}},
                                         {"level8", 64, {1}},
                                         {"level16", 96, {1, 1}},
                                         {"level32", 160, {1, 2}}}};
  return all;
}

/// One step of the decoder: brings `from` to the size of the skip at level `skip` and merges both.
struct Merge {
  const char* name;
  std::size_t skip;
  std::int64_t channels;
};

constexpr std::array<Merge, 3> merges{{{"merge16", 2, 64}, {"merge8", 1, 48}, {"merge4", 0, 32}}};

/// Three outputs, each for the 2x2 pixels at stride 2 that one pixel at stride 4 covers.
constexpr std::int64_t head_upscale = 2;
constexpr std::int64_t head_channels = 3 * head_upscale * head_upscale;

/// One input of the network made from a photo: reduced to `size` on its longer side, with a border
/// of repeated pixels.
struct Look {
  std::int64_t size, border;
  bool mirrored;
};

/// The sizes are close to those of the training; larger ones give no better depth. The coarsest
/// level has cells of 32 pixels, and its estimate depends on the position of an object in its cell.
/// The cells of each look lie elsewhere, so the mean is more accurate and steadier from frame to
/// frame.
constexpr std::array<Look, 4> looks{
    {{128, 0, false}, {128, 16, true}, {144, 0, true}, {120, 8, false}}};

/// Sharpness of the softplus that keeps inverse depth positive: the identity above a few
/// hundredths.
constexpr double positive_sharpness = 20;

/// Inverse depth of the far end of a scene, whose near end is at 1. Always the same: to take the
/// network's own guess for each frame would let clouds pump.
constexpr double far_inverse_depth = 0.15;

std::string block_name(const Level& level, std::size_t block) {
  return std::string(level.name) + ".block" + std::to_string(block);
}

Tensor convolve(const NamedTensors& weights, const std::string& name, const Tensor& x,
                std::int64_t stride = 1, std::int64_t dilation = 1) {
  const Tensor& kernel = weights.at(name + ".weight");
  const std::int64_t padding = (dilation * (kernel.size(2) - 1) + 2 - stride) / 2;
  return at::conv2d(x, kernel, weights.at(name + ".bias"), stride, padding, dilation);
}

Tensor residual_block(const NamedTensors& weights, const std::string& name, const Tensor& x,
                      std::int64_t dilation) {
  const Tensor inner = convolve(weights, name + ".conv0", x, 1, dilation).relu_();
  return convolve(weights, name + ".conv1", inner, 1, dilation).add_(x).relu_();
}

/// In float32 always: LibTorch 1.13 interpolates bfloat16 wrongly on the CPU.
Tensor upsample(const Tensor& x, at::IntArrayRef size) {
  return at::upsample_bilinear2d(x.to(at::kFloat), size, /*align_corners=*/false);
}

Tensor merge(const NamedTensors& weights, const Merge& step, const Tensor& coarse,
             const Tensor& skip) {
  const std::string name = step.name;
  const Tensor reduced = convolve(weights, name + ".coarse", coarse);
  const Tensor enlarged = upsample(reduced, {skip.size(2), skip.size(3)}).to(skip.scalar_type());
  const Tensor sum = convolve(weights, name + ".skip", skip).add_(enlarged).relu_();
  return convolve(weights, name + ".conv", sum).relu_();
}

/// Repeats the last row and column up to a multiple of the network's stride.
Tensor pad_to_stride(const Tensor& images) {
  const auto missing = [](std::int64_t size) {
    return (total_stride - size % total_stride) % total_stride;
  };
  const std::int64_t right = missing(images.size(3));
  const std::int64_t bottom = missing(images.size(2));
  if (right == 0 && bottom == 0) return images;
  return at::replication_pad2d(images, {0, right, 0, bottom});
}

std::vector<Tensor> encode(const NamedTensors& weights, const Tensor& images) {
  std::vector<Tensor> features;
  Tensor x = convolve(weights, "stem", images, stem_stride).relu_();
  for (const Level& level : levels()) {
    const std::string name = level.name;
    if (!features.empty()) x = convolve(weights, name + ".down", x, 2).relu_();
    for (std::size_t i = 0; i < level.dilations.size(); ++i) {
      x = residual_block(weights, block_name(level, i), x, level.dilations[i]);
    }
    features.push_back(x);
  }
  return features;
}

/// A copy, in the layout that convolutions run best on.
Tensor to_float(const Tensor& stored) {
  const auto layout =
      stored.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
  return stored.to(at::kFloat, /*non_blocking=*/false, /*copy=*/true, layout);
}

}  // namespace

std::map<std::string, std::vector<std::int64_t>> builtin_shapes() {
  std::map<std::string, std::vector<std::int64_t>> shapes;
  const auto convolution = [&](const std::string& name, std::int64_t in, std::int64_t out,
                               std::int64_t kernel) {
    shapes[name + ".weight"] = {out, in, kernel, kernel};
    shapes[name + ".bias"] = {out};
  };
  convolution("stem", 3, levels().front().channels, 2 * stem_stride);
  std::int64_t channels = levels().front().channels;
  for (const Level& level : levels()) {
    const std::string name = level.name;
    if (&level != &levels().front()) convolution(name + ".down", channels, level.channels, 3);
    channels = level.channels;
    for (std::size_t i = 0; i < level.dilations.size(); ++i) {
      convolution(block_name(level, i) + ".conv0", channels, channels, 3);
      convolution(block_name(level, i) + ".conv1", channels, channels, 3);
    }
  }
  convolution("context.hidden", channels, channels, 1);
  convolution("context.out", channels, channels, 1);
  convolution("range", channels, 1, 1);
  for (const Merge& step : merges) {
    const std::string name = step.name;
    convolution(name + ".coarse", channels, step.channels, 1);
    convolution(name + ".skip", levels()[step.skip].channels, step.channels, 1);
    convolution(name + ".conv", step.channels, step.channels, 3);
    channels = step.channels;
  }
  convolution("head", channels, head_channels, 3);
  return shapes;
}

NamedTensors read_builtin_weights(const WeightsFile& file) {
  const auto shapes = builtin_shapes();
  for (const std::string_view name : file.names()) {
    if (!shapes.contains(std::string(name))) {
      throw Error(ErrorCode::bad_model, Stage::load,
                  fmt::format("the built-in network has no tensor '{}'", name));
    }
  }
  NamedTensors weights;
  for (const auto& [name, shape] : shapes) {
    weights[name] = to_float(nn::stored_tensor(file, name, shape));
  }
  return weights;
}

BuiltinLogits builtin_logits(const NamedTensors& weights, const Tensor& images) {
  const std::int64_t height = images.size(2);
  const std::int64_t width = images.size(3);
  // Padded in float32: LibTorch 1.13 cannot do it in bfloat16 on the CPU.
  const Tensor padded = pad_to_stride(images).sub(0.5);
  std::vector<Tensor> features =
      encode(weights, padded.to(weights.at("stem.weight").scalar_type()));

  // What the whole picture says (indoors, horizon, scale) is added to every pixel.
  const Tensor mean = features.back().mean({2, 3}, /*keepdim=*/true);
  const Tensor context = convolve(weights, "context.hidden", mean).relu_();
  const Tensor range = convolve(weights, "range", context).to(at::kFloat).flatten();
  features.back() = (features.back() + convolve(weights, "context.out", context)).relu_();

  Tensor x = features.back();
  for (const Merge& step : merges) x = merge(weights, step, x, features[step.skip]);
  const Tensor raw = at::pixel_shuffle(convolve(weights, "head", x).to(at::kFloat), head_upscale);
  const Tensor full = upsample(raw, {padded.size(2), padded.size(3)});
  const Tensor cropped = full.slice(2, 0, height).slice(3, 0, width);
  return {cropped.select(1, 0), range, cropped.select(1, 1), cropped.select(1, 2)};
}

namespace {

/// The images as one look shows them to the network.
struct Glimpse {
  Look look;
  std::int64_t height, width;  ///< without border and padding
  Tensor padded;               ///< to whole cells
};

Glimpse show(const Tensor& images, const Look& look) {
  const std::int64_t longer = std::max(images.size(2), images.size(3));
  const auto reduced = [&](std::int64_t size) {
    const double scale = static_cast<double>(look.size) / static_cast<double>(longer);
    return std::max<std::int64_t>(std::llround(static_cast<double>(size) * scale), 1);
  };
  const std::int64_t height = reduced(images.size(2)), width = reduced(images.size(3));
  const Tensor small =
      at::_upsample_bilinear2d_aa(images, {height, width}, /*align_corners=*/false);
  const std::int64_t border = look.border;
  return {look, height, width,
          pad_to_stride(at::replication_pad2d(look.mirrored ? small.flip(3) : small,
                                              {border, border, border, border}))};
}

/// Maps of the padded images as maps of the images.
Tensor undo(const Glimpse& glimpse, const Tensor& maps, at::IntArrayRef size) {
  const std::int64_t border = glimpse.look.border;
  const Tensor inside =
      maps.slice(2, border, border + glimpse.height).slice(3, border, border + glimpse.width);
  return upsample(glimpse.look.mirrored ? inside.flip(3) : inside, size);
}

}  // namespace

BuiltinOutput builtin_forward(const NamedTensors& weights, const Tensor& images) {
  const std::int64_t count = images.size(0), height = images.size(2), width = images.size(3);
  // Looks of one padded size are one batch: threads share that better than one small picture.
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Glimpse>> batches;
  for (const Look& look : looks) {
    Glimpse glimpse = show(images, look);
    batches[{glimpse.padded.size(2), glimpse.padded.size(3)}].push_back(std::move(glimpse));
  }

  Tensor sum = at::zeros({count, 3, height, width}, images.options());
  for (const auto& [size, batch] : batches) {
    std::vector<Tensor> padded;
    for (const Glimpse& glimpse : batch) padded.push_back(glimpse.padded);
    const BuiltinLogits said = builtin_logits(weights, at::cat(padded));
    const Tensor all = at::stack({said.nearness, said.confidence, said.sky}, 1);
    std::int64_t first = 0;
    for (const Glimpse& glimpse : batch) {
      sum += undo(glimpse, all.slice(0, first, first + count), {height, width});
      first += count;
    }
  }
  const Tensor full = sum / static_cast<double>(looks.size());
  const Tensor nearness = at::softplus(full.select(1, 0), positive_sharpness);
  return {far_inverse_depth + (1 - far_inverse_depth) * nearness, at::sigmoid(full.select(1, 1)),
          at::sigmoid(full.select(1, 2))};
}

}  // namespace depthcloud
