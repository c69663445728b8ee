// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/cloud_merge.hpp>

#include <algorithm>
#include <array>
#include <new>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "cloud/axis_order.hpp"
#include "cloud/sampling.hpp"
#include "cloud/voxel_set.hpp"

namespace depthcloud {
namespace {

/// Rows of an affine map: x' = m[0] x + m[1] y + m[2] z + m[3], and so on.
using Affine = std::array<double, 12>;

/// From points as a view's cloud holds them to the world in the axes of the result.
Affine to_world(const Extrinsics& extrinsics, Axes from, Axes to) {
  const auto entry = [&](std::size_t row, std::size_t column) {
    return extrinsics[4 * row + column];
  };
  const AxisOrder in = axis_order(from, Axes::opencv);
  const AxisOrder out = axis_order(Axes::opencv, to);
  Affine map{};
  for (std::size_t i = 0; i < 3; ++i) {
    const double sign = out.sign[i];
    double shift = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      const double rotation = entry(j, out.from[i]);
      map[4 * i + in.from[j]] = sign * rotation * in.sign[j];
      shift -= rotation * entry(j, 3);
    }
    map[4 * i + 3] = sign * shift;
  }
  return map;
}

void transform(std::span<const float> points, const Affine& map, float* out) {
  for (std::size_t i = 0; i < points.size(); i += 3) {
    const double x = points[i];
    const double y = points[i + 1];
    const double z = points[i + 2];
    for (std::size_t row = 0; row < 3; ++row) {
      const double* m = &map[4 * row];
      out[i + row] = static_cast<float>(m[0] * x + m[1] * y + m[2] * z + m[3]);
    }
  }
}

/// Whether the views have colours: all that have points, or none.
bool have_colors(std::span<const RegisteredCloud> views) {
  const RegisteredCloud* colored = nullptr;
  const RegisteredCloud* plain = nullptr;
  for (const RegisteredCloud& view : views) {
    if (view.cloud.size() > 0) (view.cloud.colors.empty() ? plain : colored) = &view;
  }
  if (colored != nullptr && plain != nullptr) {
    throw Error(ErrorCode::invalid_argument, Stage::cloud,
                fmt::format("view {} has colours and view {} has none: give all clouds colours, or "
                            "none",
                            colored - views.data(), plain - views.data()));
  }
  return plain == nullptr;
}

}  // namespace

PointCloud merge(std::span<const RegisteredCloud> views, const MergeOptions& options) {
  PointCloud cloud;
  merge(views, options, cloud);
  return cloud;
}

void merge(std::span<const RegisteredCloud> views, const MergeOptions& options,
           PointCloud& out) try {
  std::size_t values = 0;
  for (const RegisteredCloud& view : views) {
    validate(view.cloud);
    validate_extrinsics(view.extrinsics);
    values += view.cloud.positions.size();
  }
  const bool colored = have_colors(views);
  check_voxel_size(options.voxel_size);
  out.positions.resize(values);
  out.colors.resize(colored ? values : 0);
  std::size_t at = 0;
  for (const RegisteredCloud& view : views) {
    transform(view.cloud.positions, to_world(view.extrinsics, view.cloud.axes, options.axes),
              out.positions.data() + at);
    if (colored) {
      std::copy(view.cloud.colors.begin(), view.cloud.colors.end(), out.colors.data() + at);
    }
    at += view.cloud.positions.size();
  }
  if (options.voxel_size > 0) thin_voxels(out, options.voxel_size);
  thin(options.max_points, out);
  out.axes = options.axes;
  out.num_views = static_cast<int>(views.size());
} catch (const std::bad_alloc&) {
  throw Error(ErrorCode::out_of_memory, Stage::cloud,
              fmt::format("no memory for the merged cloud of {} views", views.size()));
}

}  // namespace depthcloud
