// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <depthcloud/buffer.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/intrinsics.hpp>
#include <depthcloud/point_cloud.hpp>

namespace depthcloud {

/// A cloud that still lies in its camera's grid: the depth of every pixel that the stride sampled,
/// 0 where the filters left no point. Column `i` and row `j` of it are column `i * stride` and row
/// `j * stride` of the depth map. unproject() makes the cloud of it; CloudBuilder::build_grid
/// makes it. Much smaller to send than points. Thread-safety: one thread at a time; share freely
/// when const.
struct DepthGrid {
  int width = 0;   ///< of the depth map, pixels
  int height = 0;  ///< of the depth map, pixels
  int stride = 1;
  Intrinsics intrinsics{};        ///< in pixels of the depth map
  std::size_t num_points = 0;     ///< how many values of `depth` are above 0
  Buffer<float> depth{};          ///< rows() x columns(), row-major, z along the optical axis
  Buffer<std::uint8_t> colors{};  ///< rows() x columns() x 3, red first; empty: none here

  int columns() const noexcept { return width > 0 ? (width - 1) / stride + 1 : 0; }
  int rows() const noexcept { return height > 0 ? (height - 1) / stride + 1 : 0; }
  std::size_t size() const noexcept {
    return static_cast<std::size_t>(columns()) * static_cast<std::size_t>(rows());
  }
};

/// Throws Error{invalid_argument, stage cloud} unless sizes are positive, intrinsics are valid, and
/// the planes have one value (three colours, or none) for each sampled pixel.
void validate(const DepthGrid& grid);

/// Takes the grid's colours from an image of any size, each from the pixel nearest to the centre of
/// the depth map's pixel. Errors: invalid_argument. Thread-safety: share freely.
void set_colors(DepthGrid& grid, const ImageView& image);

/// The cloud of a grid, in raster order: x = (u - cx) z / fx, y = (v - cy) z / fy. Equal to what
/// CloudBuilder::build makes with the options of build_grid. White where the grid has no
/// colours. Depth that is not finite or not positive gives no point. Errors: invalid_argument.
/// Thread-safety: share freely.
PointCloud unproject(const DepthGrid& grid, Axes axes = Axes::opencv);
/// The same into a cloud whose memory is reused.
void unproject(const DepthGrid& grid, Axes axes, PointCloud& out);

}  // namespace depthcloud
