// SPDX-License-Identifier: Apache-2.0
#include "cloud/axis_order.hpp"

#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

AxisOrder from_opencv(Axes axes) {
  switch (axes) {
    case Axes::opencv:
      return {};
    case Axes::opengl:
      return {{0, 1, 2}, {1, -1, -1}};
    case Axes::v1:
      return {{0, 1, 2}, {1, -1, 1}};
    case Axes::ros:
      return {{2, 0, 1}, {1, -1, -1}};
  }
  throw Error(ErrorCode::invalid_argument, Stage::cloud, "unknown axes");
}

}  // namespace

AxisOrder axis_order(Axes from, Axes to) {
  const AxisOrder in = from_opencv(from);
  const AxisOrder out = from_opencv(to);
  std::array<std::size_t, 3> place{};  // of each coordinate of `opencv` among those of `from`
  for (std::size_t i = 0; i < 3; ++i) place[in.from[i]] = i;
  AxisOrder order;
  for (std::size_t i = 0; i < 3; ++i) {
    order.from[i] = place[out.from[i]];
    order.sign[i] = out.sign[i] * in.sign[order.from[i]];
  }
  return order;
}

Axes unprojected_axes(Axes axes) {
  return axis_order(Axes::opencv, axes).keeps_order() ? axes : Axes::opencv;
}

}  // namespace depthcloud
