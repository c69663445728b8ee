// SPDX-License-Identifier: Apache-2.0
#include "depth/backend/preprocess.hpp"

#include <memory>
#include <utility>

#include <ATen/ATen.h>

#include <depthcloud/resize.hpp>

namespace depthcloud {
namespace {

template <int Channels, int R, int G, int B>
void copy_rgb(const ImageView& image, std::uint8_t* out) {
  for (int v = 0; v < image.height; ++v) {
    const std::uint8_t* in = image.row(v);
    for (int u = 0; u < image.width; ++u, in += Channels, out += 3) {
      out[0] = in[R];
      out[1] = in[G];
      out[2] = in[B];
    }
  }
}

void copy_rgb(const ImageView& image, std::uint8_t* out) {
  switch (image.format) {
    case PixelFormat::rgb:
      return copy_rgb<3, 0, 1, 2>(image, out);
    case PixelFormat::bgr:
      return copy_rgb<3, 2, 1, 0>(image, out);
    case PixelFormat::rgba:
      return copy_rgb<4, 0, 1, 2>(image, out);
    case PixelFormat::bgra:
      return copy_rgb<4, 2, 1, 0>(image, out);
    case PixelFormat::gray:
      return copy_rgb<1, 0, 0, 0>(image, out);
  }
}

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
    copy_rgb(same_size ? image : std::as_const(reduced).view(), rgb.data());
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
