// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <depthcloud/image.hpp>

namespace depthcloud {

/// Converts `count` pixels of an Adobe CMYK JPEG, which stores ink inverted (255: none). Writers
/// that do not invert are so rare that Pillow, Skia and OpenCV take every CMYK JPEG for inverted;
/// so does this.
void convert_inverted_cmyk(const std::uint8_t* cmyk, int count, PixelFormat format,
                           std::uint8_t* out);

/// Converts `count` RGB pixels to gray with the weights of ITU-R BT.601, as JPEG's luma.
void convert_rgb_to_gray(const std::uint8_t* rgb, int count, std::uint8_t* gray);

}  // namespace depthcloud
