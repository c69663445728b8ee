// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <depthcloud/buffer.hpp>

namespace depthcloud {

/// Directions of the camera axes.
enum class Axes {
  opencv,  ///< x right, y down, z forward
  opengl,  ///< x right, y up, z backward: the default of files
  v1,      ///< x right, y up, z FORWARD (left-handed): the axes of wire version 1
  ros,     ///< x forward, y left, z up: REP 103 of ROS
};

/// Returns "opencv", "opengl", "v1" or "ros".
const char* to_string(Axes axes) noexcept;
/// The inverse of to_string(). Throws Error{invalid_argument} for any other text.
Axes parse_axes(std::string_view text);
/// Returns all these names, in the order of the enum.
std::span<const char* const> axes_names() noexcept;

/// A borrowed cloud: three floats and, if it has colours, three bytes per point, interleaved. The
/// caller keeps the memory alive and unchanged while the view is used. Files of a cloud without
/// colours have no colour fields; messages, which always have colours, are white.
struct CloudView {
  std::span<const float> positions;      ///< x0 y0 z0 x1 y1 z1 ..., in the depth map's unit
  std::span<const std::uint8_t> colors;  ///< r0 g0 b0 r1 g1 b1 ...; empty: no colours
  Axes axes = Axes::opencv;
  int num_views = 0;  ///< number of registered cameras; 0: not merged
  /// Unit vectors nx0 ny0 nz0 nx1 ..., in the same axes; empty: no normals. Files have fields for
  /// them; messages leave them out.
  std::span<const float> normals{};

  std::size_t size() const noexcept { return positions.size() / 3; }
};

/// Throws Error{invalid_argument, stage cloud} unless there are three coordinates for each point,
/// of no more than 2^47 bytes together, and three colour samples and three values of a normal, or
/// none of either.
void validate(const CloudView& cloud);

/// A cloud in host memory that owns its points. Thread-safety: one thread at a time; const
/// access is thread-safe.
struct PointCloud {
  Buffer<float> positions;      ///< as in CloudView
  Buffer<std::uint8_t> colors;  ///< as in CloudView
  Axes axes = Axes::opencv;
  int num_views = 0;        ///< number of registered cameras; 0: not merged
  Buffer<float> normals{};  ///< as in CloudView

  std::size_t size() const noexcept { return positions.size() / 3; }
  bool empty() const noexcept { return positions.empty(); }
  CloudView view() const& {
    return {positions.span(), colors.span(), axes, num_views, normals.span()};
  }
  CloudView view() const&& = delete;
};

/// Converts the cloud to other axes, in place, its normals too.
void convert_axes(PointCloud& cloud, Axes axes);
/// Writes the points of `xyz` in other axes to `out`, which has the same size and may be `xyz`
/// itself. Throws Error{invalid_argument, stage cloud} if the sizes differ or are no multiple of 3.
void convert_axes(std::span<const float> xyz, Axes from, Axes to, std::span<float> out);

/// Keeps the first point in each voxel of a grid, in place and in order: the cubes of side
/// `voxel_size`, in the cloud's unit and axes, with a corner at the origin. Unlike a limit on the
/// number of points, which keeps what is dense dense, this makes the cloud about equally dense
/// everywhere. Points are kept as they are, not averaged. Throws Error{invalid_argument, stage
/// cloud} if the cloud or the size is not valid, a coordinate is not finite, or the cloud reaches
/// more than 2^31 voxels from the origin; the cloud is then unchanged. Throws Error{out_of_memory}.
void thin_voxels(PointCloud& cloud, float voxel_size);

/// Keeps `max_points` points, spread evenly over the order of the cloud, in place; all, if it has
/// no more or `max_points` is 0. Throws Error{invalid_argument, stage cloud} if the cloud is not
/// valid.
void thin_evenly(PointCloud& cloud, std::size_t max_points);

}  // namespace depthcloud
