// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/depth_grid.hpp>

#include <algorithm>
#include <cstring>
#include <new>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "cloud/axis_order.hpp"
#include "cloud/sampling.hpp"
#include "cloud/unproject_rows.hpp"
#include "depth/pinhole.hpp"
#include "image/color_order.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::cloud, message);
}

/// One row of adjacent samples, readable beyond the last one, as unproject_rows() requires.
class RowScratch {
 public:
  explicit RowScratch(const DepthGrid& grid)
      : grid_(grid), columns_(static_cast<std::size_t>(grid.columns())) {
    depth_.resize(columns_ + max_lanes);
    colors_.resize(3 * (columns_ + max_lanes));
    std::fill(depth_.begin(), depth_.end(), 0.0f);
    std::fill(colors_.begin(), colors_.end(), std::uint8_t{255});
  }

  void take(int row) {
    const std::size_t first = static_cast<std::size_t>(row) * columns_;
    std::copy_n(grid_.depth.data() + first, columns_, depth_.data());
    if (grid_.colors.empty()) return;
    std::copy_n(grid_.colors.data() + 3 * first, 3 * columns_, colors_.data());
  }

  const float* depth() const { return depth_.data(); }
  const std::uint8_t* colors() const { return colors_.data(); }

 private:
  const DepthGrid& grid_;
  std::size_t columns_;
  Buffer<float> depth_;
  Buffer<std::uint8_t> colors_;
};

void unproject_checked(const DepthGrid& grid, Axes axes, PointCloud& out) {
  const Axes made = unprojected_axes(axes);
  const auto sign = axis_order(Axes::opencv, made).sign;
  const int columns = grid.columns();
  const Intrinsics& k = grid.intrinsics;
  Buffer<float> ray_x(static_cast<std::size_t>(columns + max_lanes));
  std::fill(ray_x.begin(), ray_x.end(), 0.0f);
  for (int i = 0; i < columns; ++i) {
    ray_x[static_cast<std::size_t>(i)] = ray(i * grid.stride, k.cx, k.fx);
  }

  RowScratch scratch(grid);
  SampledRows in;
  in.columns = columns;
  in.rows = 1;
  in.depth = scratch.depth();
  in.colors = scratch.colors();
  in.ray_x = ray_x.data();
  in.sign_z = sign[2];
  const KeepRange keep = keep_range({});

  const std::size_t room = grid.size() + max_lanes;
  out.positions.resize(3 * room);
  out.colors.resize(4 * room);
  std::size_t count = 0;
  for (int row = 0; row < grid.rows(); ++row) {
    scratch.take(row);
    const float ray_y = sign[1] * ray(row * grid.stride, k.cy, k.fy);
    in.ray_y = &ray_y;
    count +=
        unproject_rows(in, keep, {out.positions.data() + 3 * count, out.colors.data() + 3 * count});
  }
  out.positions.resize(3 * count);
  out.colors.resize(3 * count);
  out.axes = made;
  out.num_views = 0;
  out.normals.resize(0);
  convert_axes(out, axes);
}

}  // namespace

void validate(const DepthGrid& grid) {
  if (grid.width < 1 || grid.height < 1 || grid.stride < 1) {
    fail(fmt::format("a depth grid of {} x {} pixels at stride {}", grid.width, grid.height,
                     grid.stride));
  }
  if (!grid.intrinsics.valid()) fail(not_pinhole(grid.intrinsics));
  if (grid.depth.size() != grid.size() ||
      (!grid.colors.empty() && grid.colors.size() != 3 * grid.size())) {
    fail(fmt::format("a depth grid of {} x {} samples holds {} depths and {} bytes of colours",
                     grid.columns(), grid.rows(), grid.depth.size(), grid.colors.size()));
  }
}

void set_colors(DepthGrid& grid, const ImageView& image) try {
  validate(image);
  validate(grid);
  const ColorOrder order = color_order(image.format);
  const auto columns = static_cast<std::size_t>(grid.columns());
  Buffer<std::ptrdiff_t> offsets(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    const int u = static_cast<int>(i) * grid.stride;
    offsets[i] = std::ptrdiff_t{nearest_pixel(u, grid.width, image.width)} * channels(image.format);
  }
  const bool row_as_it_is =
      image.format == PixelFormat::rgb && grid.stride == 1 && image.width == grid.width;

  grid.colors.resize(3 * grid.size());
  std::uint8_t* rgb = grid.colors.data();
  for (int row = 0; row < grid.rows(); ++row, rgb += 3 * columns) {
    const std::uint8_t* const from =
        image.row(nearest_pixel(row * grid.stride, grid.height, image.height));
    if (row_as_it_is) {
      std::memcpy(rgb, from, 3 * columns);
      continue;
    }
    for (std::size_t i = 0; i < columns; ++i) {
      const std::uint8_t* const pixel = from + offsets[i];
      rgb[3 * i] = pixel[order.red];
      rgb[3 * i + 1] = pixel[order.green];
      rgb[3 * i + 2] = pixel[order.blue];
    }
  }
} catch (const std::bad_alloc&) {
  throw Error(ErrorCode::out_of_memory, Stage::cloud, "no memory for the colours of a depth grid");
}

void unproject(const DepthGrid& grid, Axes axes, PointCloud& out) try {
  validate(grid);
  unproject_checked(grid, axes, out);
} catch (const std::bad_alloc&) {
  throw Error(ErrorCode::out_of_memory, Stage::cloud,
              fmt::format("no memory for a cloud of {} x {} samples", grid.columns(), grid.rows()));
}

PointCloud unproject(const DepthGrid& grid, Axes axes) {
  PointCloud cloud;
  unproject(grid, axes, cloud);
  return cloud;
}

}  // namespace depthcloud
