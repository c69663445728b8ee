// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <depthcloud/image.hpp>

/// An image of one level in every channel.
inline depthcloud::Image flat_image(int width, int height, std::uint8_t level = 128,
                                    depthcloud::PixelFormat format = depthcloud::PixelFormat::rgb) {
  depthcloud::Image image(width, height, format);
  std::fill_n(image.data(), static_cast<std::size_t>(image.stride() * height), level);
  return image;
}
