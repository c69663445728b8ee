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

/// Whether the views have what `values` are: all that have points, or none.
template <typename T>
bool have(const char* what, std::span<const RegisteredCloud> views,
          std::span<const T> CloudView::*values, bool of_no_points) {
  const RegisteredCloud* with = nullptr;
  const RegisteredCloud* without = nullptr;
  for (const RegisteredCloud& view : views) {
    if (view.cloud.size() > 0) ((view.cloud.*values).empty() ? without : with) = &view;
  }
  if (with != nullptr && without != nullptr) {
    throw Error(ErrorCode::invalid_argument, Stage::cloud,
                fmt::format("view {} has {} and view {} has none: give all clouds {}, or none",
                            with - views.data(), what, without - views.data(), what));
  }
  return with != nullptr || (without == nullptr && of_no_points);
}

/// The turn alone, for normals.
Affine without_shift(Affine map) {
  for (const std::size_t i : {3, 7, 11}) map[i] = 0;
  return map;
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
  const bool colored = have("colours", views, &CloudView::colors, true);
  const bool has_normals = have("normals", views, &CloudView::normals, false);
  check_voxel_size(options.voxel_size);
  out.positions.resize(values);
  out.colors.resize(colored ? values : 0);
  out.normals.resize(has_normals ? values : 0);
  std::size_t at = 0;
  for (const RegisteredCloud& view : views) {
    const Affine map = to_world(view.extrinsics, view.cloud.axes, options.axes);
    transform(view.cloud.positions, map, out.positions.data() + at);
    if (has_normals) transform(view.cloud.normals, without_shift(map), out.normals.data() + at);
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
