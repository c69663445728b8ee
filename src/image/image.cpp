// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/image.hpp>

namespace depthcloud {

void check(const ImageView& image) {
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
