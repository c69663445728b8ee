// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/depth_file.hpp>
#include <depthcloud/intrinsics.hpp>

#include "size.hpp"

namespace cli {

/// Whether an EXIF orientation (1 to 8; EXIF 2.32, 4.6.4) makes the width of the height.
constexpr bool swaps_axes(int orientation) { return orientation >= 5; }

/// The orientation that takes the turn of this one back.
constexpr int inverse_orientation(int orientation) {
  return orientation == 6 ? 8 : orientation == 8 ? 6 : orientation;
}

/// A plane as it was stored, turned upright.
depthcloud::Plane turned(depthcloud::Plane stored, int orientation);

/// The camera of a picture of this size, turned with it.
depthcloud::Intrinsics turned(const depthcloud::Intrinsics& stored, const Size& size,
                              int orientation);

}  // namespace cli
