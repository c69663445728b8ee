// SPDX-License-Identifier: Apache-2.0
#include "image/color.hpp"

#include "image/color_order.hpp"

namespace depthcloud {
namespace {

/// a * b / 255, rounded to nearest, for bytes.
constexpr std::uint8_t multiply_255(unsigned a, unsigned b) {
  const unsigned product = a * b + 128;
  return static_cast<std::uint8_t>((product + (product >> 8)) >> 8);
}

/// 0.299 R + 0.587 G + 0.114 B in 16-bit fixed point, rounded: the arithmetic of libjpeg.
constexpr std::uint8_t luma(unsigned r, unsigned g, unsigned b) {
  return static_cast<std::uint8_t>((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
}

template <PixelFormat format>
void convert_cmyk(const std::uint8_t* cmyk, int count, std::uint8_t* out) {
  for (int i = 0; i < count; ++i, cmyk += 4, out += channels(format)) {
    const std::uint8_t r = multiply_255(cmyk[0], cmyk[3]);
    const std::uint8_t g = multiply_255(cmyk[1], cmyk[3]);
    const std::uint8_t b = multiply_255(cmyk[2], cmyk[3]);
    if constexpr (format == PixelFormat::gray) {
      out[0] = luma(r, g, b);
    } else {
      constexpr ColorOrder order = color_order(format);
      out[order.red] = r;
      out[order.green] = g;
      out[order.blue] = b;
      if constexpr (channels(format) == 4) out[3] = 255;
    }
  }
}

}  // namespace

void convert_inverted_cmyk(const std::uint8_t* cmyk, int count, PixelFormat format,
                           std::uint8_t* out) {
  switch (format) {
    case PixelFormat::rgb:
      return convert_cmyk<PixelFormat::rgb>(cmyk, count, out);
    case PixelFormat::bgr:
      return convert_cmyk<PixelFormat::bgr>(cmyk, count, out);
    case PixelFormat::rgba:
      return convert_cmyk<PixelFormat::rgba>(cmyk, count, out);
    case PixelFormat::bgra:
      return convert_cmyk<PixelFormat::bgra>(cmyk, count, out);
    case PixelFormat::gray:
      return convert_cmyk<PixelFormat::gray>(cmyk, count, out);
  }
}

void convert_rgb_to_gray(const std::uint8_t* rgb, int count, std::uint8_t* gray) {
  for (int i = 0; i < count; ++i, rgb += 3) gray[i] = luma(rgb[0], rgb[1], rgb[2]);
}

}  // namespace depthcloud
