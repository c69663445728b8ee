// SPDX-License-Identifier: Apache-2.0
#include "cloud/edge_filter.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace depthcloud {
namespace {

/// Whether `neighbour` has depth and lies further from `z` than the threshold allows. Plain
/// arithmetic on booleans, so that the loops below become SIMD.
inline bool jumps(float z, float neighbour, float threshold) {
  const bool has_depth = (neighbour > 0) & (neighbour <= std::numeric_limits<float>::max());
  return has_depth & (std::fabs(z - neighbour) > threshold * std::min(z, neighbour));
}

/// Pixel rows; above and below are `row` itself at the border, which never jumps.
struct Rows {
  const float* above;
  const float* row;
  const float* below;
};

void remove_in_row(const Rows& in, int width, float threshold, float* out) {
  const auto keep = [&](int u, int left, int right) {
    const float z = in.row[u];
    const bool flying = jumps(z, in.above[u], threshold) | jumps(z, in.below[u], threshold) |
                        jumps(z, in.row[left], threshold) | jumps(z, in.row[right], threshold);
    return flying ? 0.0f : z;
  };
  out[0] = keep(0, 0, std::min(1, width - 1));
  for (int u = 1; u < width - 1; ++u) out[u] = keep(u, u - 1, u + 1);
  if (width > 1) out[width - 1] = keep(width - 1, width - 2, width - 1);
}

}  // namespace

const float* EdgeFilter::remove(const DepthView& depth, int stride, float threshold) {
  const auto pitch = static_cast<std::size_t>(depth.width);
  depth_.resize(pitch * static_cast<std::size_t>(depth.height));
  const auto row = [&](int v) { return depth.depth + static_cast<std::size_t>(v) * pitch; };
  for (int v = 0; v < depth.height; v += stride) {
    const Rows rows{row(std::max(v - 1, 0)), row(v), row(std::min(v + 1, depth.height - 1))};
    remove_in_row(rows, depth.width, threshold,
                  depth_.data() + static_cast<std::size_t>(v) * pitch);
    if (depth.height - v <= stride) break;
  }
  return depth_.data();
}

}  // namespace depthcloud
