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

}  // namespace depthcloud
