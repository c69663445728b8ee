// SPDX-License-Identifier: Apache-2.0
//
// OpenCV's arithmetic, in its order: modules/imgproc/src/resize.cpp, ResizeAreaFast_Invoker,
// computeResizeAreaTab and ResizeArea_Invoker. Compiled without contraction to fused multiply-add,
// which would round differently.
#include "image/exact_area.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "image/row_kernels.hpp"

namespace depthcloud {
namespace {

/// Input pixels per output pixel; inverted twice because OpenCV does.
double scale_of(int in, int out) { return 1.0 / (static_cast<double>(out) / in); }

bool is_whole(double scale) {
  return std::abs(scale - std::nearbyint(scale)) < std::numeric_limits<double>::epsilon();
}

/// Whole boxes of `scale` pixels, each of weight 1.
RowTaps<float> box_taps(int scale, int out) {
  RowTaps<float> taps;
  taps.count = scale;
  taps.weights.assign(static_cast<std::size_t>(out) * static_cast<std::size_t>(scale), 1.0f);
  for (int d = 0; d < out; ++d) taps.first.push_back(std::ptrdiff_t{d} * scale);
  return taps;
}

/// What one output pixel covers: neighbouring input pixels, as shares of its area.
struct Cover {
  int first = 0;
  std::vector<float> shares;
};

std::vector<Cover> cover_axis(int in, int out) {
  constexpr double negligible = 1e-3;
  const double scale = scale_of(in, out);
  std::vector<Cover> axis;
  axis.reserve(static_cast<std::size_t>(out));
  for (int d = 0; d < out; ++d) {
    const double begin = d * scale;
    const double end = begin + scale;
    const double cell = std::min(scale, in - begin);
    const int last_whole = std::min(static_cast<int>(std::floor(end)), in - 1);
    const int first_whole = std::min(static_cast<int>(std::ceil(begin)), last_whole);
    Cover cover{first_whole, {}};
    const auto add = [&](double share) { cover.shares.push_back(static_cast<float>(share)); };
    if (first_whole - begin > negligible) {
      --cover.first;
      add((first_whole - begin) / cell);
    }
    for (int s = first_whole; s < last_whole; ++s) add(1.0 / cell);
    if (end - last_whole > negligible) {
      add(std::min(std::min(end - last_whole, 1.0), cell) / cell);
    }
    axis.push_back(std::move(cover));
  }
  return axis;
}

/// Covers brought to one length by shares of 0, before them where the image ends behind them.
RowTaps<float> cover_taps(const std::vector<Cover>& axis, int in) {
  std::size_t count = 0;
  for (const Cover& cover : axis) count = std::max(count, cover.shares.size());
  RowTaps<float> taps;
  taps.count = static_cast<int>(count);
  taps.weights.assign(axis.size() * count, 0.0f);
  float* weights = taps.weights.data();
  for (const Cover& cover : axis) {
    const int first = std::min(cover.first, in - taps.count);
    taps.first.push_back(first);
    std::copy(cover.shares.begin(), cover.shares.end(), weights + (cover.first - first));
    weights += count;
  }
  return taps;
}

/// The last input row that was asked for, summed along the row; two output rows may share one.
class SummedRow {
 public:
  SummedRow(const ImageView& image, RowTaps<float> columns)
      : image_(image),
        columns_(std::move(columns)),
        row_(static_cast<std::size_t>(image.width) * 3 + row_slack),
        sums_(columns_.first.size() * 3 + row_slack) {}

  const float* row(int v) {
    if (v != held_) {
      unpack_rgb_row(image_, v, row_.data());
      sum_taps(row_.data(), columns_, sums_.data());
      held_ = v;
    }
    return sums_.data();
  }

 private:
  const ImageView& image_;
  const RowTaps<float> columns_;
  std::vector<float> row_;
  std::vector<float> sums_;
  int held_ = -1;
};

/// The mean of ix x iy boxes, summed in whole numbers; those of a row are small enough for float.
void reduce_boxes(const ImageView& image, int ix, int iy, Image& out) {
  const auto length = static_cast<std::size_t>(out.width()) * 3;
  SummedRow summed(image, box_taps(ix, out.width()));
  std::vector<int> sums(length);
  std::vector<float> means(length);
  const float share = 1.0f / static_cast<float>(ix * iy);
  const bool quarter = ix == 2 && iy == 2;
  for (int v = 0; v < out.height(); ++v) {
    std::fill(sums.begin(), sums.end(), 0);
    for (int dv = 0; dv < iy; ++dv) {
      const float* row = summed.row(v * iy + dv);
      for (std::size_t i = 0; i < length; ++i) sums[i] += static_cast<int>(row[i]);
    }
    for (std::size_t i = 0; i < length; ++i) {
      means[i] =
          quarter ? static_cast<float>((sums[i] + 2) >> 2) : static_cast<float>(sums[i]) * share;
    }
    round_row(means.data(), length, out.row(v));
  }
}

void reduce_any(const ImageView& image, Image& out) {
  const auto length = static_cast<std::size_t>(out.width()) * 3;
  SummedRow summed(image, cover_taps(cover_axis(image.width, out.width()), image.width));
  std::vector<float> sums(length);
  int v = 0;
  for (const Cover& cover : cover_axis(image.height, out.height())) {
    scale_row(summed.row(cover.first), length, cover.shares[0], sums.data());
    for (std::size_t k = 1; k < cover.shares.size(); ++k) {
      add_scaled_row(summed.row(cover.first + static_cast<int>(k)), length, cover.shares[k],
                     sums.data());
    }
    round_row(sums.data(), length, out.row(v));
    ++v;
  }
}

}  // namespace

void resize_area_exact(const ImageView& image, int width, int height, Image& out) {
  out.reshape(width, height, PixelFormat::rgb);
  const double scale_x = scale_of(image.width, width);
  const double scale_y = scale_of(image.height, height);
  if (is_whole(scale_x) && is_whole(scale_y)) {
    reduce_boxes(image, static_cast<int>(std::nearbyint(scale_x)),
                 static_cast<int>(std::nearbyint(scale_y)), out);
  } else {
    reduce_any(image, out);
  }
}

}  // namespace depthcloud
