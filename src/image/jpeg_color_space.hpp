// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <depthcloud/image.hpp>

namespace depthcloud {

/// libjpeg-turbo's name for pixels of this format.
inline J_COLOR_SPACE jpeg_color_space(PixelFormat format) {
  switch (format) {
    case PixelFormat::rgb:
      return JCS_EXT_RGB;
    case PixelFormat::bgr:
      return JCS_EXT_BGR;
    case PixelFormat::rgba:
      return JCS_EXT_RGBA;
    case PixelFormat::bgra:
      return JCS_EXT_BGRA;
    case PixelFormat::gray:
      return JCS_GRAYSCALE;
  }
  return JCS_EXT_RGB;
}

}  // namespace depthcloud
