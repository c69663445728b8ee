// SPDX-License-Identifier: Apache-2.0
#include "depth/grid.hpp"

#include <algorithm>
#include <cmath>

namespace depthcloud {
namespace {

int side(double scaled, int limit, int multiple_of) {
  const int largest = limit / multiple_of * multiple_of;
  if (largest == 0) return std::clamp(static_cast<int>(std::lround(scaled)), 1, limit);
  const int nearest = multiple_of * static_cast<int>(std::lround(scaled / multiple_of));
  return std::clamp(nearest, multiple_of, largest);
}

}  // namespace

Grid reduced_grid(int width, int height, int process_res, int multiple_of) {
  const double scale = std::min(1.0, static_cast<double>(process_res) / std::max(width, height));
  return {side(width * scale, width, multiple_of), side(height * scale, height, multiple_of)};
}

}  // namespace depthcloud
