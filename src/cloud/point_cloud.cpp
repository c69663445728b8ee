// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/point_cloud.hpp>

#include "cloud/sampling.hpp"

namespace depthcloud {
const char* name(Axes axes) noexcept {
  switch (axes) {
    case Axes::opencv:
      return "opencv";
    case Axes::opengl:
      return "opengl";
    case Axes::v1:
      return "v1";
  }
  return "unknown";
}

Axes parse_axes(std::string_view text) {
  for (const Axes axes : {Axes::opencv, Axes::opengl, Axes::v1}) {
    if (text == name(axes)) return axes;
  }
  throw Error(ErrorCode::invalid_argument, Stage::cloud,
              fmt::format("no such axes: '{}' (opencv, opengl or v1)", text));
}

void check(const CloudView& cloud) {
  if (cloud.positions.size() % 3 == 0 && cloud.positions.size() == cloud.colors.size()) return;
  throw Error(ErrorCode::invalid_argument, Stage::cloud,
              fmt::format("a cloud has {} coordinates and {} colour samples: not three a point",
                          cloud.positions.size(), cloud.colors.size()));
}

void convert_axes(PointCloud& cloud, Axes axes) {
  const AxisSigns from = axis_signs(cloud.axes);
  const AxisSigns to = axis_signs(axes);
  const float y = from.y * to.y;
  const float z = from.z * to.z;
  float* xyz = cloud.positions.data();
  for (std::size_t i = 0; i < cloud.size(); ++i) {
    xyz[3 * i + 1] *= y;
    xyz[3 * i + 2] *= z;
  }
  cloud.axes = axes;
}

}  // namespace depthcloud
