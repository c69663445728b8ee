// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/preprocess.hpp"

#include <algorithm>
#include <vector>

#include <ATen/ATen.h>

#include "depth/nn/vit_config.hpp"
#include "image/color_order.hpp"

namespace depthcloud {
namespace {

/// Rows of an image as [1, 3, rows, width], from 0 to 1.
at::Tensor unit_rows(const ImageView& image, int first, int rows) {
  const std::int64_t step = channels(image.format);
  const at::Tensor pixels =
      at::from_blob(const_cast<std::uint8_t*>(image.row(first)), {rows, image.width, step},
                    {image.stride, step, 1}, at::TensorOptions(at::kByte));
  const ColorOrder order = color_order(image.format);
  std::vector<at::Tensor> planes;
  for (const int channel : {order.red, order.green, order.blue}) {
    planes.push_back(pixels.select(2, channel).to(at::kFloat));
  }
  return at::stack(planes).div_(255).unsqueeze(0);
}

at::Tensor resized(const at::Tensor& planes, std::int64_t height, std::int64_t width) {
  return at::_upsample_bilinear2d_aa(planes, {height, width}, /*align_corners=*/false);
}

}  // namespace

at::Tensor resize_to_patches(const ImageView& image, const Grid& patches) {
  constexpr int rows_at_once = 128;
  const std::int64_t height = std::int64_t{patches.height} * VitConfig::patch;
  const std::int64_t width = std::int64_t{patches.width} * VitConfig::patch;
  // The width first, which is how the operation goes about it too.
  std::vector<at::Tensor> bands;
  for (int first = 0; first < image.height; first += rows_at_once) {
    const int rows = std::min(rows_at_once, image.height - first);
    bands.push_back(resized(unit_rows(image, first, rows), rows, width));
  }
  return resized(at::cat(bands, 2), height, width).squeeze(0);
}

at::Tensor image_mean() { return at::tensor({0.485F, 0.456F, 0.406F}); }
at::Tensor image_deviation() { return at::tensor({0.229F, 0.224F, 0.225F}); }

at::Tensor normalised(const at::Tensor& unit) {
  return (unit - image_mean().view({3, 1, 1})).div_(image_deviation().view({3, 1, 1}));
}

}  // namespace depthcloud
