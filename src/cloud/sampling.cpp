// SPDX-License-Identifier: Apache-2.0
#include "cloud/sampling.hpp"

#include <algorithm>
#include <limits>

namespace depthcloud {

KeepRange keep_range(const CloudOptions& options) {
  using Limits = std::numeric_limits<float>;
  return {std::max(options.min_depth, Limits::denorm_min()),
          std::min(options.max_depth, Limits::max()), options.min_confidence};
}

void thin(std::size_t limit, PointCloud& cloud) {
  const std::size_t count = cloud.size();
  if (limit == 0 || count <= limit) return;
  for (std::size_t j = 0; j < limit; ++j) {
    const auto from = static_cast<std::size_t>(thinned_position(j, count, limit));
    move_point(cloud, from, j);
  }
  truncate(cloud, limit);
}

void move_point(PointCloud& cloud, std::size_t from, std::size_t to) {
  std::copy_n(&cloud.positions[3 * from], 3, &cloud.positions[3 * to]);
  if (!cloud.colors.empty()) std::copy_n(&cloud.colors[3 * from], 3, &cloud.colors[3 * to]);
  if (!cloud.normals.empty()) std::copy_n(&cloud.normals[3 * from], 3, &cloud.normals[3 * to]);
}

void truncate(PointCloud& cloud, std::size_t count) {
  cloud.positions.resize(3 * count);
  if (!cloud.colors.empty()) cloud.colors.resize(3 * count);
  if (!cloud.normals.empty()) cloud.normals.resize(3 * count);
}

}  // namespace depthcloud
