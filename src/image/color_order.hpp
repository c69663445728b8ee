// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/image.hpp>

namespace depthcloud {

/// Bytes of red, green and blue within a pixel.
struct ColorOrder {
  int red = 0;
  int green = 1;
  int blue = 2;
};

constexpr ColorOrder color_order(PixelFormat format) {
  switch (format) {
    case PixelFormat::gray:
      return {0, 0, 0};
    case PixelFormat::bgr:
    case PixelFormat::bgra:
      return {2, 1, 0};
    case PixelFormat::rgb:
    case PixelFormat::rgba:
      break;
  }
  return {0, 1, 2};
}

constexpr bool is_blue_first(PixelFormat format) {
  return color_order(format).blue < color_order(format).red;
}

}  // namespace depthcloud
