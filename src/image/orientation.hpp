// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <depthcloud/image.hpp>

namespace depthcloud {

/// How a stored image must be turned to stand upright: the values of the EXIF tag Orientation,
/// named by where the stored image's first row and first column belong (EXIF 2.32, 4.6.4).
enum class Orientation {
  top_left = 1,
  top_right = 2,
  bottom_right = 3,
  bottom_left = 4,
  left_top = 5,
  right_top = 6,
  right_bottom = 7,
  left_bottom = 8,
};

/// Whether the upright image is as wide as the stored one is high.
constexpr bool swaps_axes(Orientation orientation) { return orientation >= Orientation::left_top; }

/// Rows of a stored image: `count` of them from row `first` on, in the format of the image that
/// they are put into.
struct StoredRows {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t stride = 0;
  int width = 0;
  int first = 0;
  int count = 0;
};

/// Writes rows of the stored image to where they belong in the upright one.
void put_upright(const StoredRows& rows, Orientation orientation, Image& upright);

}  // namespace depthcloud
