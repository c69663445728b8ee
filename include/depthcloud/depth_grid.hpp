// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <depthcloud/buffer.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/intrinsics.hpp>
#include <depthcloud/point_cloud.hpp>

namespace depthcloud {

/// The cloud of one camera, kept as a grid: the depth of every pixel that the stride sampled, or 0
/// if the filters removed its point. Column `i` and row `j` of the grid are column `i * stride` and
/// row `j * stride` of the depth map. CloudBuilder::build_grid() makes a grid, unproject() makes
/// the cloud of it. A grid is much smaller to send than points. Thread-safety: one thread at a
/// time; const access is thread-safe.
struct DepthGrid {
  int width = 0;   ///< of the depth map, pixels
  int height = 0;  ///< of the depth map, pixels
  int stride = 1;  ///< pixels of the depth map from one column or row of the grid to the next
  Intrinsics intrinsics{};        ///< in pixels of the depth map
  std::size_t num_points = 0;     ///< number of values of `depth` above 0
  Buffer<float> depth{};          ///< rows() x columns(), row-major, z along the optical axis
  Buffer<std::uint8_t> colors{};  ///< rows() x columns() x 3, red first; empty: no colours

  int columns() const noexcept { return width > 0 ? (width - 1) / stride + 1 : 0; }
  int rows() const noexcept { return height > 0 ? (height - 1) / stride + 1 : 0; }
  std::size_t size() const noexcept {
    return static_cast<std::size_t>(columns()) * static_cast<std::size_t>(rows());
  }
};

/// Throws Error{invalid_argument, stage cloud} unless the sizes are positive, the intrinsics are
/// valid, and the planes have one depth and three (or no) colour bytes for each sampled pixel.
void validate(const DepthGrid& grid);

/// Sets the colours of the grid from an image of any size: each from the image pixel nearest to the
/// centre of its pixel of the depth map. Throws Error{invalid_argument} if the grid or the image is
/// not valid, Error{out_of_memory}. Thread-safe for different grids.
void set_colors(DepthGrid& grid, const ImageView& image);

/// Returns the cloud of a grid in the camera frame, in raster order: x = (u - cx) z / fx,
/// y = (v - cy) z / fy. It equals the cloud of CloudBuilder::build() with the options of
/// build_grid(). Points are white if the grid has no colours. Depth that is not finite or not
/// positive gives no point. Throws Error{invalid_argument} if the grid is not valid,
/// Error{out_of_memory}. Thread-safe.
PointCloud unproject(const DepthGrid& grid, Axes axes = Axes::opencv);
/// Writes the cloud to `out` and reuses its memory.
void unproject(const DepthGrid& grid, Axes axes, PointCloud& out);

}  // namespace depthcloud
