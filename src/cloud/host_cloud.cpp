// SPDX-License-Identifier: Apache-2.0
#include "cloud/host_cloud.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "cloud/axis_order.hpp"
#include "cloud/voxel_set.hpp"
#include "image/color_order.hpp"

namespace depthcloud {
namespace {

/// The confidence below which the percentile drops: that of the first sample, in ascending order,
/// that stays. Equal confidences stay together, so that a model without confidence loses nothing.
/// NaN ranks lowest.
float percentile_threshold(const DepthView& depth, const SampleGrid& grid, const KeepRange& keep,
                           float percent, Buffer<float>& scratch) {
  constexpr float lowest = -std::numeric_limits<float>::infinity();
  scratch.resize(grid.size());
  std::size_t count = 0;
  for (int row = 0; row < grid.rows; ++row) {
    const std::size_t start = static_cast<std::size_t>(row) *
                              static_cast<std::size_t>(grid.stride) *
                              static_cast<std::size_t>(depth.width);
    for (int column = 0; column < grid.columns; ++column) {
      const std::size_t i =
          start + static_cast<std::size_t>(column) * static_cast<std::size_t>(grid.stride);
      const float z = depth.depth[i];
      const float confidence = depth.confidence[i];
      scratch[count] = std::isnan(confidence) ? lowest : confidence;
      count += static_cast<std::size_t>((z >= keep.min_depth) & (z <= keep.max_depth));
    }
  }
  if (count == 0) return lowest;
  float* const ranked = scratch.data() + percentile_rank(percent, count);
  std::nth_element(scratch.data(), ranked, scratch.data() + count);
  return *ranked;
}

/// Keeps `limit` points of a grid: those that thin() keeps of its cloud.
void thin(std::size_t limit, DepthGrid& grid) {
  const std::size_t count = grid.num_points;
  if (limit == 0 || count <= limit) return;
  std::size_t position = 0;  // of the next point, among `count`
  std::size_t kept = 0;
  for (float& z : grid.depth) {
    if (!(z > 0)) continue;
    const bool keep = kept < limit && position == thinned_position(kept, count, limit);
    if (keep) ++kept;
    if (!keep) z = 0;
    ++position;
  }
  grid.num_points = limit;
}

/// Keeps the first point in each voxel of a grid: those that thin_voxels() keeps of its cloud. The
/// coordinates are those of unproject_rows(), bit for bit, in changed axes.
void thin_voxels(float voxel_size, const float* ray_x, const float* ray_y, float sign_z,
                 const AxisOrder& order, DepthGrid& grid) {
  const auto [a, b, c] = order.from;
  const auto [sign_a, sign_b, sign_c] = order.sign;
  VoxelSet voxels(voxel_size, grid.num_points);
  const int columns = grid.columns();
  float* z = grid.depth.data();
  for (int row = 0; row < grid.rows(); ++row) {
    for (int column = 0; column < columns; ++column, ++z) {
      const std::array<float, 3> xyz{ray_x[column] * *z, ray_y[row] * *z, sign_z * *z};
      if (!(*z > 0) || voxels.insert(sign_a * xyz[a], sign_b * xyz[b], sign_c * xyz[c])) continue;
      *z = 0;
      --grid.num_points;
    }
  }
}

std::ptrdiff_t row_offset(int row, int width) {
  return static_cast<std::ptrdiff_t>(row) * static_cast<std::ptrdiff_t>(width);
}

/// The samples of one row of the depth map that make a point, 0 for the others; how many do. Plain
/// arithmetic on booleans, so that the loop becomes SIMD.
std::size_t keep_row(const DepthView& depth, const KeepRange& range, int row, int stride,
                     std::span<float> out) {
  const float* const z = depth.depth + row_offset(row, depth.width);
  const float* const confidence =
      depth.confidence ? depth.confidence + row_offset(row, depth.width) : nullptr;
  const KeepRange keep = range;
  const auto step = static_cast<std::size_t>(stride);
  std::uint32_t count = 0;
  const auto copy = [&](std::size_t pixel_step, auto is_confident) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const float value = z[i * pixel_step];
      const bool kept =
          (value >= keep.min_depth) & (value <= keep.max_depth) & is_confident(i * pixel_step);
      out[i] = kept ? value : 0.0f;
      count += static_cast<std::uint32_t>(kept);
    }
  };
  const auto always = [](std::size_t) { return true; };
  const auto enough = [&](std::size_t i) { return confidence[i] >= keep.min_confidence; };
  if (confidence != nullptr) {
    copy(step, enough);
  } else if (stride == 1) {
    copy(1, always);
  } else {
    copy(step, always);
  }
  return count;
}

}  // namespace

void HostCloudBuilder::prepare(const Shape& shape) {
  if (shape == shape_) return;
  shape_ = {};  // stays so when an allocation fails below
  grid_ = SampleGrid(shape.width, shape.height, shape.stride);
  sign_ = axis_order(Axes::opencv, shape.axes).sign;

  const auto columns = static_cast<std::size_t>(grid_.columns);
  const auto rows = static_cast<std::size_t>(grid_.rows);
  ray_x_.resize(columns + max_lanes);
  ray_y_.resize(rows);
  color_offsets_.resize(columns);
  row_depth_.resize(columns + max_lanes);
  row_confidence_.resize(columns + max_lanes);
  row_colors_.resize(4 * (columns + max_lanes));
  std::fill(ray_x_.begin(), ray_x_.end(), 0.0f);
  std::fill(row_depth_.begin(), row_depth_.end(), 0.0f);
  std::fill(row_confidence_.begin(), row_confidence_.end(), 0.0f);
  std::fill(row_colors_.begin(), row_colors_.end(), std::uint8_t{0});

  const Intrinsics& k = shape.intrinsics;
  for (int i = 0; i < grid_.columns; ++i) {
    const int u = i * grid_.stride;
    ray_x_[static_cast<std::size_t>(i)] = ray(u, k.cx, k.fx);
    color_offsets_[static_cast<std::size_t>(i)] =
        row_offset(nearest_pixel(u, shape.width, shape.image_width), channels(shape.format));
  }
  for (int i = 0; i < grid_.rows; ++i) {
    ray_y_[static_cast<std::size_t>(i)] = sign_[1] * ray(i * grid_.stride, k.cy, k.fy);
  }
  shape_ = shape;
}

int HostCloudBuilder::rows_in_place(const DepthView& depth, const ImageView& image) const {
  const bool same_size = depth.width == image.width && depth.height == image.height;
  if (grid_.stride > 2 || !same_size || image.format == PixelFormat::gray) return 0;
  const std::ptrdiff_t bytes = channels(image.format);
  const std::ptrdiff_t read = std::ptrdiff_t{grid_.columns + max_lanes} * grid_.stride;
  const std::ptrdiff_t depth_slack = row_offset(depth.height, depth.width) - read;
  const std::ptrdiff_t image_slack =
      (image.height - 1) * image.stride + (image.width - read) * bytes;
  if (depth_slack < 0 || image_slack < 0) return 0;
  const std::ptrdiff_t last_row = std::min(depth_slack / depth.width, image_slack / image.stride);
  return std::min(grid_.rows, static_cast<int>(last_row / grid_.stride) + 1);
}

SampledRows HostCloudBuilder::in_place(const DepthView& depth, const ImageView& image,
                                       int rows) const {
  SampledRows in;
  in.columns = grid_.columns;
  in.rows = rows;
  in.step = grid_.stride;
  in.depth = depth.depth;
  in.confidence = depth.confidence;
  in.pitch = row_offset(grid_.stride, depth.width);
  in.colors = image.data;
  in.color_pitch = grid_.stride * image.stride;
  in.color_bytes = channels(image.format);
  in.blue_first = is_blue_first(image.format);
  in.ray_x = ray_x_.data();
  in.ray_y = ray_y_.data();
  in.sign_z = sign_[2];
  return in;
}

SampledRows HostCloudBuilder::collected(const DepthView& depth, const ImageView& image, int row) {
  const int v = row * grid_.stride;
  const float* const depth_row = depth.depth + row_offset(v, depth.width);
  const auto columns = static_cast<std::size_t>(grid_.columns);
  const auto stride = static_cast<std::size_t>(grid_.stride);
  for (std::size_t i = 0; i < columns; ++i) row_depth_[i] = depth_row[i * stride];
  if (depth.confidence != nullptr) {
    const float* const confidence_row = depth.confidence + row_offset(v, depth.width);
    for (std::size_t i = 0; i < columns; ++i) row_confidence_[i] = confidence_row[i * stride];
  }
  const std::uint8_t* const image_row = image.row(nearest_pixel(v, depth.height, image.height));
  const ColorOrder order = color_order(image.format);
  for (std::size_t i = 0; i < columns; ++i) {
    const std::uint8_t* const pixel = image_row + color_offsets_[i];
    row_colors_[4 * i] = pixel[order.red];
    row_colors_[4 * i + 1] = pixel[order.green];
    row_colors_[4 * i + 2] = pixel[order.blue];
  }

  SampledRows in;
  in.columns = grid_.columns;
  in.rows = 1;
  in.depth = row_depth_.data();
  in.confidence = depth.confidence ? row_confidence_.data() : nullptr;
  in.colors = row_colors_.data();
  in.color_bytes = 4;
  in.ray_x = ray_x_.data();
  in.ray_y = ray_y_.data() + row;
  in.sign_z = sign_[2];
  return in;
}

void HostCloudBuilder::collect_normals(const DepthView& depth, const KeepRange& keep,
                                       Buffer<float>& out) const {
  std::size_t count = 0;
  for (int row = 0; row < grid_.rows; ++row) {
    for (int column = 0; column < grid_.columns; ++column) {
      const auto i = static_cast<std::size_t>(row_offset(row * grid_.stride, depth.width)) +
                     static_cast<std::size_t>(column) * static_cast<std::size_t>(grid_.stride);
      const float z = depth.depth[i];
      const bool confident =
          depth.confidence == nullptr || depth.confidence[i] >= keep.min_confidence;
      if (!(z >= keep.min_depth && z <= keep.max_depth && confident)) continue;
      std::copy_n(depth.normals + 3 * i, 3, out.data() + 3 * count++);
    }
  }
  convert_axes(std::as_const(out).span(), Axes::opencv, shape_.axes, out.span());
}

HostCloudBuilder::Filtered HostCloudBuilder::filtered(const DepthView& view, const ImageView& image,
                                                      const CloudOptions& options) {
  Filtered result{view, keep_range(options)};
  DepthView& depth = result.depth;
  depth.depth = transparency_.remove(view, image, options);
  KeepRange& keep = result.keep;
  depth.intrinsics = options.intrinsics.value_or(view.intrinsics);
  if (options.edge_threshold > 0) {
    depth.depth = edge_filter_.remove(depth, stride_of(options), options.edge_threshold);
  }
  if (options.confidence_percentile > 0 && depth.confidence != nullptr) {
    const SampleGrid grid(view.width, view.height, stride_of(options));
    const float threshold =
        percentile_threshold(depth, grid, keep, options.confidence_percentile, confidences_);
    keep.min_confidence =
        options.min_confidence > 0 ? std::max(options.min_confidence, threshold) : threshold;
  } else if (options.min_confidence <= 0) {
    depth.confidence = nullptr;
  }
  result.none = depth.confidence == nullptr && options.min_confidence > 1;
  return result;
}

void HostCloudBuilder::build(const DepthView& view, const ImageView& image,
                             const CloudOptions& options, PointCloud& out) {
  const auto [depth, keep, none] = filtered(view, image, options);
  prepare({view.width, view.height, image.width, image.height, stride_of(options), image.format,
           depth.intrinsics, unprojected_axes(options.axes)});
  const std::size_t room = grid_.size() + max_lanes;
  out.positions.resize(3 * room);
  out.colors.resize(4 * room);
  std::size_t count = 0;
  const auto emit = [&](const SampledRows& rows, const KeepRange& range) {
    count += unproject_rows(rows, range,
                            {out.positions.data() + 3 * count, out.colors.data() + 3 * count});
  };
  if (!none) {
    const int direct = rows_in_place(depth, image);
    if (direct > 0) emit(in_place(depth, image, direct), keep);
    for (int row = direct; row < grid_.rows; ++row) emit(collected(depth, image, row), keep);
  }
  out.positions.resize(3 * count);
  out.colors.resize(3 * count);
  out.axes = shape_.axes;
  out.normals.resize(options.normals ? 3 * count : 0);
  if (count > 0 && options.normals) collect_normals(depth, keep, out.normals);
  convert_axes(out, options.axes);
  if (options.voxel_size > 0) thin_voxels(out, options.voxel_size);
  thin(options.max_points, out);
  out.num_views = 0;
}

void HostCloudBuilder::build_grid(const DepthView& view, const ImageView& image,
                                  const CloudOptions& options, DepthGrid& out) {
  const auto [depth, keep, none] = filtered(view, image, options);
  out.width = view.width;
  out.height = view.height;
  out.stride = stride_of(options);
  out.intrinsics = depth.intrinsics;
  out.depth.resize(out.size());
  out.colors.resize(0);
  out.num_points = 0;
  if (none) {
    std::fill(out.depth.begin(), out.depth.end(), 0.0f);
  } else {
    const auto columns = static_cast<std::size_t>(out.columns());
    for (int row = 0; row < out.rows(); ++row) {
      out.num_points +=
          keep_row(depth, keep, row * out.stride, out.stride,
                   {out.depth.data() + static_cast<std::size_t>(row) * columns, columns});
    }
  }
  if (options.voxel_size > 0) {
    const Axes made = unprojected_axes(options.axes);
    prepare({view.width, view.height, image.width, image.height, out.stride, image.format,
             depth.intrinsics, made});
    thin_voxels(options.voxel_size, ray_x_.data(), ray_y_.data(), sign_[2],
                axis_order(made, options.axes), out);
  }
  thin(options.max_points, out);
  set_colors(out, image);
}

}  // namespace depthcloud
