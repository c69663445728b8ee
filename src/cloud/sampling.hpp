// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <depthcloud/cloud_builder.hpp>

namespace depthcloud {

/// The pixels that a stride samples: rows and columns 0, stride, 2 stride, ...
struct SampleGrid {
  int stride = 1;
  int columns = 0;
  int rows = 0;

  SampleGrid(int width, int height, int stride_)
      : stride(stride_), columns((width - 1) / stride_ + 1), rows((height - 1) / stride_ + 1) {}

  std::size_t size() const {
    return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
  }
};

inline int stride_of(const CloudOptions& options) { return options.stride.value_or(1); }

/// One coordinate of a pixel's ray at z = 1, in double so that no digits cancel next to the
/// principal point.
inline float ray(int pixel, double principal_point, double focal) {
  return static_cast<float>((pixel - principal_point) / focal);
}

/// The pixel, of `to_size`, that holds the centre of a pixel of `from_size`.
inline int nearest_pixel(int pixel, int from_size, int to_size) {
  return static_cast<int>((2 * std::int64_t{pixel} + 1) * to_size / (2 * std::int64_t{from_size}));
}

/// The ranges of depth and confidence, ends included, that give a point. NaN is in no range.
struct KeepRange {
  float min_depth = 0;       ///< above zero
  float max_depth = 0;       ///< finite
  float min_confidence = 0;  ///< used only with a confidence plane
};
KeepRange keep_range(const CloudOptions& options);

/// How many of `count` pixels the confidence percentile drops.
inline std::size_t percentile_rank(float percent, std::size_t count) {
  return static_cast<std::size_t>(static_cast<double>(percent) / 100.0 *
                                  static_cast<double>(count));
}

/// Position among `count` points of the j-th of `limit` < `count` that are kept, evenly spread:
/// point k is kept when floor((k + 1) limit / count) > floor(k limit / count).
inline std::uint64_t thinned_position(std::uint64_t j, std::uint64_t count, std::uint64_t limit) {
  return ((j + 1) * count + limit - 1) / limit - 1;
}

/// Keeps `limit` points, evenly spread, in place; 0: all.
void thin(std::size_t limit, PointCloud& cloud);

/// Copies a point, with its colour and its normal where there are such, to an earlier place of the
/// cloud.
void move_point(PointCloud& cloud, std::size_t from, std::size_t to);
/// Keeps the first `count` points.
void truncate(PointCloud& cloud, std::size_t count);

}  // namespace depthcloud
