// SPDX-License-Identifier: Apache-2.0
#include "cloud/sampling.hpp"

#include <algorithm>
#include <limits>

#include <depthcloud/error.hpp>

namespace depthcloud {

AxisSigns axis_signs(Axes axes) {
  switch (axes) {
    case Axes::opencv:
      return {1, 1};
    case Axes::opengl:
      return {-1, -1};
    case Axes::v1:
      return {-1, 1};
  }
  throw Error(ErrorCode::invalid_argument, Stage::cloud, "unknown axes");
}

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
    std::copy_n(&cloud.positions[3 * from], 3, &cloud.positions[3 * j]);
    std::copy_n(&cloud.colors[3 * from], 3, &cloud.colors[3 * j]);
  }
  cloud.positions.resize(3 * limit);
  cloud.colors.resize(3 * limit);
}

}  // namespace depthcloud
