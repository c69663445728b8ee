// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/point_cloud.hpp>

#include "cloud/sampling.hpp"
#include "core/enum_names.hpp"

namespace depthcloud {
namespace {

constexpr EnumNames<Axes, 3> all_axes{{"opencv", "opengl", "v1"}};

}  // namespace

const char* to_string(Axes axes) noexcept { return all_axes.to_string(axes); }
Axes parse_axes(std::string_view text) { return all_axes.parse(text, "axes", Stage::cloud); }
std::span<const char* const> axes_names() noexcept { return all_axes.all(); }

void validate(const CloudView& cloud) {
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
