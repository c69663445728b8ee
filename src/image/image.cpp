// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/image.hpp>

#include "core/address_space.hpp"
#include "image/pixel_rect.hpp"

namespace depthcloud {

void validate(const ImageView& image) {
  const auto fail = [](const std::string& message) {
    throw Error(ErrorCode::invalid_argument, Stage::preprocess, message);
  };
  if (image.data == nullptr) fail("image has no pixels");
  if (image.width <= 0 || image.height <= 0) {
    fail(fmt::format("image size {} x {} is not positive", image.width, image.height));
  }
  if (channels(image.format) == 0) fail("image has an unknown pixel format");
  const auto row_bytes = static_cast<std::ptrdiff_t>(image.width) * channels(image.format);
  if (image.stride < row_bytes) {
    fail(fmt::format("image stride {} is less than a row of {} bytes", image.stride, row_bytes));
  }
  if (!fits_memory(image.height, image.stride)) {
    fail(fmt::format("{} rows of stride {} fit no memory", image.height, image.stride));
  }
  const PhotoInfo& photo = image.photo;
  const bool has_size = photo.width > 0 && photo.height > 0;
  if (!has_size && (photo.width != 0 || photo.height != 0)) {
    fail(
        fmt::format("the image's photo is of {} x {} pixels: both are positive, or 0 where the "
                    "photo is the image itself",
                    photo.width, photo.height));
  }
  if (!std::isfinite(photo.focal_px) || photo.focal_px < 0) {
    fail(
        fmt::format("the focal length of the image's photo is {} pixels: it is positive, or 0 "
                    "where it is not known",
                    photo.focal_px));
  }
}

PixelRect pixel_rect(const ImageRegion& region, int width, int height) {
  constexpr double rounding = 1e-9;  // of an edge that is the image's own
  const auto within = [](double first, double size) {
    return first >= -rounding && size > 0 && first + size <= 1 + rounding;
  };
  if (!within(region.x, region.width) || !within(region.y, region.height)) {
    throw Error(ErrorCode::invalid_argument, Stage::preprocess,
                fmt::format("the region at {}, {} of size {} x {} is not within an image of 1 x 1",
                            region.x, region.y, region.width, region.height));
  }
  const auto edge = [](double share, int size) {
    return std::clamp(static_cast<int>(std::lround(share * size)), 0, size);
  };
  PixelRect rect;
  rect.left = std::min(edge(region.x, width), width - 1);
  rect.top = std::min(edge(region.y, height), height - 1);
  rect.width = std::max(edge(region.x + region.width, width) - rect.left, 1);
  rect.height = std::max(edge(region.y + region.height, height) - rect.top, 1);
  return rect;
}

ImageView crop(const ImageView& image, const ImageRegion& region) {
  validate(image);
  const PixelRect rect = pixel_rect(region, image.width, image.height);
  ImageView part = image;
  part.data = image.row(rect.top) + std::ptrdiff_t{rect.left} * channels(image.format);
  part.width = rect.width;
  part.height = rect.height;
  part.photo = {};
  return part;
}

Image::Image(int width, int height, PixelFormat format) { reshape(width, height, format); }

void Image::reshape(int width, int height, PixelFormat format) {
  if (width <= 0 || height <= 0) {
    throw Error(ErrorCode::invalid_argument, Stage::preprocess,
                fmt::format("image size {} x {} is not positive", width, height));
  }
  pixels_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                 static_cast<std::size_t>(channels(format)));
  width_ = width;
  height_ = height;
  format_ = format;
  photo_ = {};
}

}  // namespace depthcloud
