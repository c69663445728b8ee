// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

#include <depthcloud/point_cloud.hpp>

namespace depthcloud {

/// A change of axes: coordinate i of a point becomes sign[i] times its coordinate from[i].
struct AxisOrder {
  std::array<std::size_t, 3> from{0, 1, 2};
  std::array<float, 3> sign{1, 1, 1};

  bool operator==(const AxisOrder&) const = default;

  /// Whether each coordinate stays where it is.
  bool keeps_order() const { return from == std::array<std::size_t, 3>{0, 1, 2}; }
};

/// The change from one set of axes to another. Throws Error{invalid_argument, stage cloud} if one
/// is not of the enum.
AxisOrder axis_order(Axes from, Axes to);

/// `axes` if they differ from `opencv` in signs only, which costs nothing during the unprojection;
/// else `opencv`, and convert_axes() has the rest to do.
Axes unprojected_axes(Axes axes);

}  // namespace depthcloud
