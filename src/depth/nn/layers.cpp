// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/layers.hpp"

#include <exception>
#include <utility>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

namespace depthcloud::nn {
namespace {

bool through_onednn(const at::Tensor& x) {
  return x.is_cpu() && at::globalContext().userEnabledMkldnn() && x.numel() > 0;
}

}  // namespace

at::Tensor affine(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  if (!through_onednn(x)) return at::linear(x, weight, bias);
  const std::int64_t in = weight.size(1);
  const std::int64_t out = weight.size(0);
  // Rows as the pixels of an image with `in` channels, channels last.
  const at::Tensor image = x.reshape({1, 1, -1, in}).permute({0, 3, 1, 2});
  const at::Tensor result =
      at::mkldnn_convolution(image, weight.view({out, in, 1, 1}), bias, {0, 0}, {1, 1}, {1, 1}, 1);
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape.back() = out;
  return result.permute({0, 2, 3, 1}).reshape(shape);
}

bool cpu_multiplies_bf16() {
  static const bool works = [] {
    const c10::InferenceMode inference;
    try {
      const at::Tensor square = at::ones({8, 8}, at::kBFloat16);
      affine(square, square, {});
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }();
  return works;
}

Linear::Linear(const Parameters& parameters, std::int64_t in, std::int64_t out)
    : weight_(parameters.matrix("weight", {out, in})), bias_(parameters.matrix("bias", {out})) {
  if (parameters.precision() != Precision::int8) return;
  int8_.emplace(std::exchange(weight_, {}), std::exchange(bias_, {}));
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  if (int8_) return (*int8_)(x.to(at::kFloat));
  return affine(x.to(weight_.scalar_type()), weight_, bias_);
}

LayerNorm::LayerNorm(const Parameters& parameters, std::int64_t size, double epsilon)
    : weight_(parameters.f32("weight", {size})),
      bias_(parameters.f32("bias", {size})),
      epsilon_(epsilon) {}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x.to(at::kFloat), weight_.sizes(), weight_, bias_, epsilon_);
}

Conv2d::Conv2d(const Parameters& parameters, std::int64_t in, std::int64_t out,
               const Conv2dOptions& options)
    : weight_(parameters.f32("weight", {out, in, options.kernel, options.kernel})
                  .contiguous(at::MemoryFormat::ChannelsLast)),
      options_(options) {
  if (options.bias) bias_ = parameters.f32("bias", {out});
}

at::Tensor Conv2d::operator()(const at::Tensor& x) const {
  const std::int64_t stride[] = {options_.stride, options_.stride};
  const std::int64_t padding[] = {options_.padding, options_.padding};
  const at::Tensor image = x.contiguous(at::MemoryFormat::ChannelsLast);
  if (!through_onednn(image)) return at::conv2d(image, weight_, bias_, stride, padding);
  return at::mkldnn_convolution(image, weight_, bias_, padding, stride, {1, 1}, 1);
}

at::Tensor as_tiles(const at::Tensor& values, std::int64_t side) {
  return values.view({values.size(0), values.size(1), values.size(2), side, side, -1})
      .permute({0, 1, 3, 2, 4, 5});
}

at::Tensor tiles_to_map(const at::Tensor& tiles) {
  return tiles
      .reshape({tiles.size(0), tiles.size(1) * tiles.size(2), tiles.size(3) * tiles.size(4),
                tiles.size(5)})
      .permute({0, 3, 1, 2});
}

TileUpsample::TileUpsample(const Parameters& parameters, std::int64_t in, std::int64_t out,
                           std::int64_t stride)
    : weight_(parameters.f32("weight", {in, out, stride, stride})
                  .permute({2, 3, 1, 0})
                  .reshape({stride * stride * out, in})),
      bias_(parameters.f32("bias", {out}).repeat({stride * stride})),
      stride_(stride) {}

at::Tensor TileUpsample::tiles(const at::Tensor& x) const {
  const at::Tensor pixels = x.contiguous(at::MemoryFormat::ChannelsLast).permute({0, 2, 3, 1});
  return as_tiles(affine(pixels, weight_, bias_), stride_);
}

}  // namespace depthcloud::nn
