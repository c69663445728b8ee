// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <depthcloud/yuv_image.hpp>

// The inner loops of YUV images. SIMD is chosen at run time; every target gives the same bits.
namespace depthcloud {

/// What makes RGB of YUV, with 16 fractional bits: red is luma (Y - black) + red_v (V - 128).
struct YuvCoefficients {
  std::int32_t black = 0;  ///< Y of black, without fraction
  std::int32_t luma = 0;
  std::int32_t red_v = 0;
  std::int32_t green_u = 0;
  std::int32_t green_v = 0;
  std::int32_t blue_u = 0;
};

YuvCoefficients yuv_coefficients(YuvMatrix matrix, YuvRange range);

/// One row of yuyv as RGB, rounded and clamped.
void yuyv_row(const std::uint8_t* row, std::size_t width, const YuvCoefficients& coefficients,
              std::uint8_t* rgb);

/// One row of nv12: its Y, and the U and V of it and its neighbour.
void nv12_row(const std::uint8_t* luma, const std::uint8_t* chroma, std::size_t width,
              const YuvCoefficients& coefficients, std::uint8_t* rgb);

/// The same of a 4:2:0 image whose U and V lie in planes of their own.
void i420_row(const std::uint8_t* luma, const std::uint8_t* u, const std::uint8_t* v,
              std::size_t width, const YuvCoefficients& coefficients, std::uint8_t* rgb);

/// The Highway targets that this is compiled for, one bit each: the test runs all of them.
std::int64_t yuv_rows_targets();

}  // namespace depthcloud
