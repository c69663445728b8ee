// SPDX-License-Identifier: Apache-2.0
#include "turn.hpp"

#include <cstddef>
#include <utility>

namespace cli {
namespace {

/// An orientation as what is done one after the other.
struct Steps {
  bool transpose = false;  ///< rows become columns
  bool mirror = false;     ///< then left becomes right
  bool flip = false;       ///< and the upper edge the lower one
};

Steps steps_of(int orientation) {
  switch (orientation) {
    case 2:
      return {false, true, false};
    case 3:
      return {false, true, true};
    case 4:
      return {false, false, true};
    case 5:
      return {true, false, false};
    case 6:
      return {true, true, false};
    case 7:
      return {true, true, true};
    case 8:
      return {true, false, true};
    default:
      return {};
  }
}

}  // namespace

depthcloud::Plane turned(depthcloud::Plane stored, int orientation) {
  if (orientation == 1) return stored;
  const auto [transpose, mirror, flip] = steps_of(orientation);
  depthcloud::Plane result;
  result.width = transpose ? stored.height : stored.width;
  result.height = transpose ? stored.width : stored.height;
  result.values.reserve(stored.values.size());
  for (int v = 0; v < result.height; ++v) {
    for (int u = 0; u < result.width; ++u) {
      int x = mirror ? result.width - 1 - u : u;
      int y = flip ? result.height - 1 - v : v;
      if (transpose) std::swap(x, y);
      const auto row = static_cast<std::size_t>(y) * static_cast<std::size_t>(stored.width);
      result.values.push_back(stored.values[row + static_cast<std::size_t>(x)]);
    }
  }
  return result;
}

depthcloud::Intrinsics turned(const depthcloud::Intrinsics& stored, const Size& size,
                              int orientation) {
  const auto [transpose, mirror, flip] = steps_of(orientation);
  depthcloud::Intrinsics k = stored;
  if (transpose) k = {k.fy, k.fx, k.cy, k.cx};
  const Size upright = transpose ? transposed(size) : size;
  // A pixel and the one that takes its place are as far from the edges' outermost pixels.
  if (mirror) k.cx = upright.width - 1 - k.cx;
  if (flip) k.cy = upright.height - 1 - k.cy;
  return k;
}

}  // namespace cli
