// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/uv_embedding.hpp"

#include <cmath>

#include <ATen/ATen.h>

namespace depthcloud::nn {
namespace {

constexpr double base = 100.0;
constexpr double weight = 0.1;

/// Sine and cosine of `count` evenly spaced pixel centres of [-extent, extent], for each of
/// `frequencies` frequencies: [2 frequencies, count].
at::Tensor sinusoids(std::int64_t count, double extent, std::int64_t frequencies) {
  const double last = extent * static_cast<double>(count - 1) / static_cast<double>(count);
  const at::Tensor centres = at::linspace(-last, last, count, at::kDouble);
  const at::Tensor exponents =
      at::arange(frequencies, at::kDouble) / static_cast<double>(frequencies);
  const at::Tensor angles = at::pow(base, -exponents).unsqueeze(1) * centres;
  return at::cat({angles.sin(), angles.cos()});
}

}  // namespace

UvEmbedding::UvEmbedding(std::int64_t channels, const ImageSize& map, const ImageSize& image,
                         at::Device device) {
  const double aspect = static_cast<double>(image.width) / static_cast<double>(image.height);
  const double diagonal = std::hypot(aspect, 1.0);
  const auto on_device = at::TensorOptions(device).dtype(at::kFloat);
  // Channels last, as the maps are.
  const auto scaled = [&](const at::Tensor& values) {
    return (weight * values.t()).contiguous().to(on_device).t();
  };
  of_columns_ = scaled(sinusoids(map.width, aspect / diagonal, channels / 4)).unsqueeze(1);
  of_rows_ = scaled(sinusoids(map.height, 1.0 / diagonal, channels / 4)).unsqueeze(2);
}

at::Tensor UvEmbedding::add_to(at::Tensor x) const {
  const std::int64_t half = x.size(-3) / 2;
  x.narrow(-3, 0, half).add_(of_columns_);
  x.narrow(-3, half, half).add_(of_rows_);
  return x;
}

}  // namespace depthcloud::nn
