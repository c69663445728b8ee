// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <depthcloud/image.hpp>

namespace depthcloud {

/// How the 8-bit samples of a YUV image lie in memory. Both store one pair of chroma samples for
/// several pixels, which all take its colour; nothing is interpolated.
enum class YuvFormat {
  yuyv,  ///< 4:2:2, one plane: Y0 U Y1 V for each two pixels of a row (YUY2)
  nv12,  ///< 4:2:0, two planes: Y of each pixel; U V for each 2 x 2 pixels
};

/// The weights of red, green and blue in Y.
enum class YuvMatrix {
  bt601,  ///< ITU-R BT.601: most webcams, JPEG, video up to 576 lines
  bt709,  ///< ITU-R BT.709: most video from 720 lines on
};

/// The values that black, white and the strongest colours have.
enum class YuvRange {
  limited,  ///< Y 16 to 235, U and V 16 to 240: most cameras and all broadcast video
  full,     ///< 0 to 255: JPEG, many phones
};

/// A borrowed YUV image of 8-bit samples, as cameras and video decoders deliver it. The caller
/// keeps the planes alive and unchanged while the view is used. An odd width or height is that of
/// an image whose last column or row shares its chroma with nothing: a row of yuyv has
/// 4 * ceil(width / 2) bytes; the second plane of nv12 has ceil(height / 2) rows of
/// 2 * ceil(width / 2) bytes.
struct YuvView {
  YuvFormat format = YuvFormat::nv12;
  int width = 0;                                ///< pixels
  int height = 0;                               ///< pixels
  std::array<const std::uint8_t*, 2> planes{};  ///< yuyv uses the first only
  std::array<std::ptrdiff_t, 2> strides{};      ///< of each plane, bytes from one row to the next
  YuvMatrix matrix = YuvMatrix::bt601;
  YuvRange range = YuvRange::limited;
  PhotoInfo photo{};
};

/// Throws Error{invalid_argument, stage decode} unless the view is one that can be read: its planes
/// are there, sizes are positive, each stride holds a row and each plane fits the address space.
void validate(const YuvView& image);

/// Returns the image as RGB: with y, u and v scaled to 0..1 and -0.5..0.5 by the range, red is
/// y + 2 (1 - kr) v, blue y + 2 (1 - kb) u, and green what makes kr r + (1 - kr - kb) g + kb b = y,
/// with kr and kb of the matrix (0.299 and 0.114; 0.2126 and 0.0722), clamped. Each sample is
/// within one level of the exact value, the same on every processor. photo() is that of the view.
/// Throws Error{invalid_argument} if the view is not valid, Error{out_of_memory}. Thread-safe.
Image to_rgb(const YuvView& image);

/// Writes the image to `out` and reuses its memory.
void to_rgb(const YuvView& image, Image& out);

}  // namespace depthcloud
