// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <depthcloud/image.hpp>

// The inner loops of the exact resizers, on rows of interleaved RGB. SIMD is chosen at run time;
// every target gives the same bits, those of a NaN apart: products and sums are rounded one by one,
// in the stated order.
namespace depthcloud {

/// How a row is scaled: output pixel i is the sum of weights[i * count + k] times input pixel
/// first[i] + k, k < count. All pixels have equally many taps, some of weight 0, which changes no
/// bit of a sum: loops of one length are never mispredicted.
template <typename T>
struct RowTaps {
  int count = 0;
  std::vector<std::ptrdiff_t> first;
  std::vector<T> weights;
};

/// A row that sum_taps() reads has this many values of room behind its last pixel.
inline constexpr std::size_t row_slack = 1;

/// Row `v` of an image of any format as RGB.
void unpack_rgb_row(const ImageView& image, int v, std::uint8_t* rgb);
void unpack_rgb_row(const ImageView& image, int v, float* rgb);

/// The same divided by 255.
void unpack_rgb_row(const ImageView& image, int v, double* rgb);

/// For each pixel of a row the sum over its taps, from the first to the last. `sums` has room for
/// row_slack values behind its last pixel.
void sum_taps(const float* row, const RowTaps<float>& taps, float* sums);
void sum_taps(const double* row, const RowTaps<double>& taps, double* sums);

/// sums = weight * row, and sums += weight * row.
void scale_row(const float* row, std::size_t length, float weight, float* sums);
void add_scaled_row(const float* row, std::size_t length, float weight, float* sums);

/// Half to even, and into 0 to 255; NaN becomes 0.
void round_row(const float* values, std::size_t length, std::uint8_t* out);

/// r0 w0 + (r1 w1 + (r2 w2 + r3 w3)), rounded as above.
void combine_rows(const std::array<const float*, 4>& rows, const std::array<float, 4>& weights,
                  std::size_t length, std::uint8_t* out);

/// ((r0 w0 + r1 w1) + r2 w2) + r3 w3.
void combine_rows(const std::array<const double*, 4>& rows, const std::array<double, 4>& weights,
                  std::size_t length, double* out);

/// The Highway targets that this is compiled for, one bit each: the test runs all of them.
std::int64_t row_kernels_targets();

}  // namespace depthcloud
