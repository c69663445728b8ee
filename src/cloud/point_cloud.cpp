// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/point_cloud.hpp>

#include "cloud/axis_order.hpp"
#include "cloud/sampling.hpp"
#include "core/address_space.hpp"
#include "core/enum_names.hpp"

namespace depthcloud {
namespace {

constexpr EnumNames<Axes, 4> all_axes{{"opencv", "opengl", "v1", "ros"}};

}  // namespace

const char* to_string(Axes axes) noexcept { return all_axes.to_string(axes); }
Axes parse_axes(std::string_view text) { return all_axes.parse(text, "axes", Stage::cloud); }
std::span<const char* const> axes_names() noexcept { return all_axes.all(); }

void validate(const CloudView& cloud) {
  if (cloud.positions.size() > static_cast<std::size_t>(max_extent) / sizeof(float)) {
    throw Error(ErrorCode::invalid_argument, Stage::cloud,
                fmt::format("a cloud of {} points fits no memory", cloud.size()));
  }
  const bool colors_fit = cloud.colors.empty() || cloud.positions.size() == cloud.colors.size();
  const bool normals_fit = cloud.normals.empty() || cloud.positions.size() == cloud.normals.size();
  if (!normals_fit) {
    throw Error(ErrorCode::invalid_argument, Stage::cloud,
                fmt::format("a cloud has {} coordinates and {} values of normals: not three a "
                            "point, or no normals",
                            cloud.positions.size(), cloud.normals.size()));
  }
  if (cloud.positions.size() % 3 == 0 && colors_fit) return;
  throw Error(ErrorCode::invalid_argument, Stage::cloud,
              fmt::format("a cloud has {} coordinates and {} colour samples: not three a point, "
                          "or no colours",
                          cloud.positions.size(), cloud.colors.size()));
}

void convert_axes(PointCloud& cloud, Axes axes) {
  const Buffer<float>& xyz = cloud.positions;
  convert_axes(xyz.span(), cloud.axes, axes, cloud.positions.span());
  convert_axes(std::as_const(cloud.normals).span(), cloud.axes, axes, cloud.normals.span());
  cloud.axes = axes;
}

void convert_axes(std::span<const float> xyz, Axes from, Axes to, std::span<float> out) {
  if (xyz.size() % 3 != 0 || xyz.size() != out.size()) {
    throw Error(ErrorCode::invalid_argument, Stage::cloud,
                fmt::format("{} coordinates, not three a point, to be converted to {}", xyz.size(),
                            out.size()));
  }
  const AxisOrder order = axis_order(from, to);
  if (order == AxisOrder{} && xyz.data() == out.data()) return;
  const auto [a, b, c] = order.from;
  const auto [sign_a, sign_b, sign_c] = order.sign;
  for (std::size_t i = 0; i < xyz.size(); i += 3) {
    const std::array<float, 3> point{xyz[i], xyz[i + 1], xyz[i + 2]};
    out[i] = sign_a * point[a];
    out[i + 1] = sign_b * point[b];
    out[i + 2] = sign_c * point[c];
  }
}

void thin_evenly(PointCloud& cloud, std::size_t max_points) {
  validate(std::as_const(cloud).view());
  thin(max_points, cloud);
}

}  // namespace depthcloud
