// SPDX-License-Identifier: Apache-2.0
//
// OpenCV's arithmetic, in its order: modules/imgproc/src/resize.cpp, interpolateCubic,
// HResizeCubic, VResizeCubic and VResizeCubicVec_32s8u. Compiled without contraction to fused
// multiply-add, which would round differently.
#include "image/cubic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "image/row_kernels.hpp"

namespace depthcloud {
namespace {

constexpr int tap_count = 4;
using Weights = std::array<float, tap_count>;

Weights cubic_weights(float x) {
  constexpr float a = -0.75f;
  Weights c{};
  c[0] = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
  c[1] = ((a + 2) * x - (a + 3)) * x * x + 1;
  c[2] = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
  c[3] = 1.0f - c[0] - c[1] - c[2];
  return c;
}

/// One output row or column: the four input ones from `first` on, some of which may lie up to two
/// beyond either end.
struct CubicTaps {
  int first = 0;
  Weights weights{};
};

std::vector<CubicTaps> cubic_axis(int in, int out) {
  const double scale = 1.0 / (static_cast<double>(out) / in);
  std::vector<CubicTaps> axis;
  axis.reserve(static_cast<std::size_t>(out));
  for (int d = 0; d < out; ++d) {
    const auto at = static_cast<float>((d + 0.5) * scale - 0.5);
    const float below = std::floor(at);
    axis.push_back({static_cast<int>(below) - 1, cubic_weights(at - below)});
  }
  return axis;
}

/// 8-bit images are weighted with whole 2048ths.
constexpr float weight_unit = 2048.0f;

Weights quantise(const Weights& weights) {
  Weights result{};
  for (std::size_t k = 0; k < result.size(); ++k) {
    result[k] = std::nearbyintf(weights[k] * weight_unit);
  }
  return result;
}

/// Rows of the input scaled along the row, the last four of them. Of an 8-bit image whole numbers
/// below 2^24, which float holds exactly.
template <typename T>
class ScaledRows {
 public:
  ScaledRows(const ImageView& image, const std::vector<CubicTaps>& columns) : image_(image) {
    taps_.count = tap_count;
    for (const CubicTaps& column : columns) {
      taps_.first.push_back(column.first);
      taps_.weights.insert(taps_.weights.end(), column.weights.begin(), column.weights.end());
    }
    padded_.resize(static_cast<std::size_t>(image.width + 2 * margin) * 3 + row_slack);
    for (auto& row : rows_) row.resize(columns.size() * 3 + row_slack);
  }

  /// Four rows of the input from `first` on; beyond its ends, the row at that end.
  std::array<const T*, tap_count> from(int first) {
    return {row(first), row(first + 1), row(first + 2), row(first + 3)};
  }

 private:
  static constexpr int margin = 2;

  const T* row(int v) {
    v = std::clamp(v, 0, image_.height - 1);
    const auto slot = static_cast<std::size_t>(v % tap_count);  // four neighbours never share one
    if (held_[slot] != v) {
      fill(v, rows_[slot].data());
      held_[slot] = v;
    }
    return rows_[slot].data();
  }

  void fill(int v, T* scaled) {
    T* inside = padded_.data() + margin * 3;
    T* end = inside + static_cast<std::ptrdiff_t>(image_.width) * 3;
    unpack_rgb_row(image_, v, inside);
    for (int k = 0; k < margin; ++k) {
      std::copy_n(inside, 3, padded_.data() + k * 3);
      std::copy_n(end - 3, 3, end + k * 3);
    }
    sum_taps(inside, taps_, scaled);
  }

  const ImageView& image_;
  RowTaps<T> taps_;
  std::vector<T> padded_;
  std::array<std::vector<T>, tap_count> rows_;
  std::array<int, tap_count> held_{-1, -1, -1, -1};
};

/// The vertical sum of 8-bit images: in float where OpenCV's vector code works, eight values at a
/// time, and in whole numbers for the rest of the row.
void sum_to_bytes(const std::array<const float*, tap_count>& rows, const Weights& weights,
                  std::size_t length, std::uint8_t* out) {
  constexpr float unit = 1.0f / (weight_unit * weight_unit);
  Weights shares{};
  for (std::size_t k = 0; k < shares.size(); ++k) shares[k] = weights[k] * unit;
  const std::size_t vector_length = length - length % 8;
  combine_rows(rows, shares, vector_length, out);
  for (std::size_t i = vector_length; i < length; ++i) {
    std::int64_t sum = std::int64_t{1} << 21;
    for (std::size_t k = 0; k < rows.size(); ++k) {
      sum += static_cast<std::int64_t>(rows[k][i]) * static_cast<std::int64_t>(weights[k]);
    }
    out[i] = static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum >> 22, 0, 255));
  }
}

}  // namespace

void resize_cubic(const ImageView& image, int width, int height, Image& out) {
  out.reshape(width, height, PixelFormat::rgb);
  std::vector<CubicTaps> columns = cubic_axis(image.width, width);
  for (CubicTaps& column : columns) column.weights = quantise(column.weights);
  ScaledRows<float> scaled(image, columns);
  int v = 0;
  for (const CubicTaps& row : cubic_axis(image.height, height)) {
    sum_to_bytes(scaled.from(row.first), quantise(row.weights), static_cast<std::size_t>(width) * 3,
                 out.row(v));
    ++v;
  }
}

void resize_cubic_unit(const ImageView& image, int width, int height, const CubicRowSink& sink) {
  ScaledRows<double> scaled(image, cubic_axis(image.width, width));
  std::vector<double> result(static_cast<std::size_t>(width) * 3);
  int v = 0;
  for (const CubicTaps& row : cubic_axis(image.height, height)) {
    const std::array<double, tap_count> weights = {row.weights[0], row.weights[1], row.weights[2],
                                                   row.weights[3]};
    combine_rows(scaled.from(row.first), weights, result.size(), result.data());
    sink(v, result);
    ++v;
  }
}

}  // namespace depthcloud
