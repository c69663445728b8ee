// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <depthcloud/depth_file.hpp>

namespace depthcloud {

/// The type of the numbers in a depth file: kind 'u' or 'i' of integers, 'f' of floats, as NumPy
/// has it; bytes each.
struct SampleType {
  char kind = 'f';
  std::size_t bytes = 4;
};

/// Where they lie: number (v, u) is the one at first + v * row + u * column.
struct SampleLayout {
  std::ptrdiff_t first = 0;
  std::ptrdiff_t row = 0;
  std::ptrdiff_t column = 1;
  bool swap = false;  ///< they are big-endian
};

/// The numbers of a picture: row by row.
SampleLayout row_by_row(int width, bool swap);

/// What a number of this type is multiplied by: the scale of the options, or else the one rule of
/// all formats (DepthFileOptions::scale). Throws Error{invalid_argument, stage file} for 8 bits of
/// which nothing is said.
double unit_of(const SampleType& type, const DepthFileOptions& options);

/// Fills the values of a plane whose size is set. `data` holds as many numbers as it has pixels.
void convert_samples(std::span<const std::uint8_t> data, const SampleType& type,
                     const SampleLayout& layout, const DepthFileOptions& options, Plane& plane);

}  // namespace depthcloud
