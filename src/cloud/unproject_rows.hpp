// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "cloud/sampling.hpp"

namespace depthcloud {

/// Samples that unproject_rows() handles at once, at most. It reads whole vectors: up to this many
/// samples behind the last of a row, and stores up to this many points behind the last one.
inline constexpr int max_lanes = 64;

/// Equally spaced rows of samples with a colour each. Within a row, samples lie `step` pixels apart
/// in the depth, confidence and colour planes alike.
struct SampledRows {
  int columns = 0;  ///< samples of a row
  int rows = 0;
  int step = 1;  ///< 1 or 2
  const float* depth = nullptr;
  const float* confidence = nullptr;  ///< nullptr: no filter
  std::ptrdiff_t pitch = 0;           ///< values from one row to the next
  const std::uint8_t* colors = nullptr;
  std::ptrdiff_t color_pitch = 0;  ///< bytes from one row to the next
  int color_bytes = 3;             ///< of a pixel: 3, or 4 with the last one ignored
  bool blue_first = false;
  const float* ray_x = nullptr;  ///< of every sample, readable max_lanes behind the last
  const float* ray_y = nullptr;  ///< of every row
  float sign_z = 1;
};

/// Where points go: room for max_lanes more than there are.
struct PointSink {
  float* positions;
  std::uint8_t* colors;
};

/// The points of the samples whose depth and confidence lie in range, in raster order, in one pass
/// over memory; returns how many. NaN is in no range. SIMD, chosen at run time for the processor;
/// every target gives the same bits.
std::size_t unproject_rows(const SampledRows& in, const KeepRange& keep, const PointSink& out);

/// The Highway targets that this is compiled for, one bit each: the test runs all of them.
std::int64_t unproject_rows_targets();

}  // namespace depthcloud
