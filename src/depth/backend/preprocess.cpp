// SPDX-License-Identifier: Apache-2.0
#include "depth/backend/preprocess.hpp"

#include <memory>
#include <utility>

#include <ATen/ATen.h>

#include <depthcloud/resize.hpp>

#include "image/row_kernels.hpp"

namespace depthcloud {
namespace {

/// Hands the image's memory over to a tensor [H, W, 3].
at::Tensor adopt(Image&& rgb) {
  const auto owner = std::make_shared<Image>(std::move(rgb));
  return at::from_blob(
      owner->data(), {owner->height(), owner->width(), 3}, [owner](void*) {}, at::kByte);
}

}  // namespace

at::Tensor reduced_rgb(const ImageView& image, const Grid& grid) {
  const bool same_size = image.width == grid.width && image.height == grid.height;
  Image reduced;
  if (!same_size) reduce_area(image, grid.width, grid.height, reduced);
  if (same_size || image.format != PixelFormat::rgb) {
    Image rgb(grid.width, grid.height, PixelFormat::rgb);
    const ImageView pixels = same_size ? image : std::as_const(reduced).view();
    for (int v = 0; v < grid.height; ++v) unpack_rgb_row(pixels, v, rgb.row(v));
    reduced = std::move(rgb);
  }
  return adopt(std::move(reduced)).permute({2, 0, 1});
}

at::Tensor to_unit_range(const at::Tensor& images) {
  return images
      .to(at::kFloat, /*non_blocking=*/false, /*copy=*/false, at::MemoryFormat::ChannelsLast)
      .div_(255);
}

}  // namespace depthcloud
