// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/torch.hpp>

#include "cloud/axis_order.hpp"
#include "cloud/device_cloud.hpp"
#include "cloud/sampling.hpp"
#include "cloud/voxel_set.hpp"
#include "depth/backend/tensor_depth.hpp"
#include "depth/backend/torch_errors.hpp"
#include "image/color_order.hpp"
#include "image/pixel_rect.hpp"

namespace depthcloud {
namespace {

/// What the sampled pixels are, for one shape of frame: their linear indices
/// `row * width + column` in the depth planes and in the image, and their rays at z = 1.
struct Grid {
  struct Shape {
    int width, height, image_width, image_height, stride;
    Intrinsics intrinsics;
    at::Device device;
    bool operator==(const Shape&) const = default;
  };

  explicit Grid(const Shape& shape_);

  Shape shape;
  at::Tensor pixels;
  at::Tensor image_pixels;
  at::Tensor ray_x;
  at::Tensor ray_y;
};

template <typename T>
at::Tensor on_device(const std::vector<T>& values, at::ScalarType type, const at::Device& device) {
  const at::Tensor tensor = at::empty({static_cast<std::int64_t>(values.size())}, type);
  std::memcpy(tensor.data_ptr(), values.data(), values.size() * sizeof(T));
  return tensor.to(device);
}

Grid::Grid(const Shape& shape_) : shape(shape_) {
  const SampleGrid samples(shape.width, shape.height, shape.stride);
  const Intrinsics& k = shape.intrinsics;
  std::vector<std::int64_t> depth_index, image_index;
  std::vector<float> x, y;
  for (int row = 0; row < samples.rows; ++row) {
    const int v = row * shape.stride;
    const std::int64_t image_row = nearest_pixel(v, shape.height, shape.image_height);
    for (int column = 0; column < samples.columns; ++column) {
      const int u = column * shape.stride;
      depth_index.push_back(std::int64_t{v} * shape.width + u);
      image_index.push_back(image_row * shape.image_width +
                            nearest_pixel(u, shape.width, shape.image_width));
      x.push_back(ray(u, k.cx, k.fx));
      y.push_back(ray(v, k.cy, k.fy));
    }
  }
  pixels = on_device(depth_index, at::kLong, shape.device);
  image_pixels = on_device(image_index, at::kLong, shape.device);
  ray_x = on_device(x, at::kFloat, shape.device);
  ray_y = on_device(y, at::kFloat, shape.device);
}

at::Tensor gather(const at::Tensor& plane, const at::Tensor& indices) {
  return plane.flatten().index_select(0, indices);
}

/// Where depth is one that makes a point.
at::Tensor in_range(const at::Tensor& depth, float min_depth, float max_depth) {
  // A lower limit of the smallest denormal would compare as zero on devices that flush them.
  const at::Tensor mask = at::logical_and(depth > 0, depth <= max_depth);
  return min_depth > 0 ? at::logical_and(mask, depth >= min_depth) : mask;
}

/// [H, W] of bool: pixels that differ from one of their four neighbours as EdgeFilter says.
at::Tensor flying_pixels(const at::Tensor& depth, float threshold) {
  const at::Tensor has_depth = in_range(depth, 0, std::numeric_limits<float>::max());
  at::Tensor flying = at::zeros_like(has_depth);
  for (const std::int64_t axis : {0, 1}) {
    const std::int64_t pairs = depth.size(axis) - 1;
    if (pairs == 0) continue;
    const at::Tensor a = depth.narrow(axis, 0, pairs);
    const at::Tensor b = depth.narrow(axis, 1, pairs);
    const at::Tensor comparable =
        at::logical_and(has_depth.narrow(axis, 0, pairs), has_depth.narrow(axis, 1, pairs));
    const at::Tensor jump =
        at::logical_and(comparable, (a - b).abs() > at::minimum(a, b) * threshold);
    flying.narrow(axis, 0, pairs).logical_or_(jump);
    flying.narrow(axis, 1, pairs).logical_or_(jump);
  }
  return flying;
}

/// [1], or undefined when there is nothing to rank: the lowest confidence that the percentile keeps
/// among the pixels of the mask. NaN ranks lowest.
at::Tensor percentile_threshold(const at::Tensor& confidence, const at::Tensor& mask,
                                float percent) {
  const at::Tensor candidates = confidence.masked_select(mask);
  const auto count = static_cast<std::size_t>(candidates.numel());
  if (count == 0) return {};
  const at::Tensor numbers =
      candidates.masked_fill(candidates.isnan(), -std::numeric_limits<float>::infinity());
  const auto rank = static_cast<std::int64_t>(percentile_rank(percent, count));
  return std::get<0>(numbers.sort()).narrow(0, rank, 1);
}

/// Positions of the points that max_points keeps among `count`.
at::Tensor thinned_positions(std::int64_t count, std::size_t limit, const at::Device& device) {
  std::vector<std::int64_t> positions;
  positions.reserve(limit);
  for (std::size_t j = 0; j < limit; ++j) {
    positions.push_back(
        static_cast<std::int64_t>(thinned_position(j, static_cast<std::uint64_t>(count), limit)));
  }
  return on_device(positions, at::kLong, device);
}

/// Of points [N, 3] the positions of those that thin_voxels() keeps, found on the host.
at::Tensor first_in_voxels(const at::Tensor& points, float voxel_size) {
  const at::Tensor on_host = points.to(at::kCPU, at::kFloat).contiguous();
  const float* xyz = on_host.data_ptr<float>();
  const std::int64_t count = on_host.size(0);
  VoxelSet voxels(voxel_size, static_cast<std::size_t>(count));
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; i < count; ++i, xyz += 3) {
    if (voxels.insert(xyz[0], xyz[1], xyz[2])) positions.push_back(i);
  }
  return on_device(positions, at::kLong, points.device());
}

void check_rgb(const at::Tensor& rgb) {
  if (rgb.defined() && rgb.scalar_type() == at::kByte && rgb.dim() == 3 && rgb.size(2) == 3 &&
      rgb.numel() > 0) {
    return;
  }
  throw Error(ErrorCode::invalid_argument, Stage::cloud,
              "the image is not an [H, W, 3] tensor of uint8");
}

/// The part of [H, W, 3] that a depth map shows.
at::Tensor shown_part(const at::Tensor& rgb, const ImageRegion& region) {
  const PixelRect rect =
      pixel_rect(region, static_cast<int>(rgb.size(1)), static_cast<int>(rgb.size(0)));
  return rgb.narrow(0, rect.top, rect.height).narrow(1, rect.left, rect.width);
}

/// The method of TensorCloudBuilder, with the options of each call.
class TensorUnprojection {
 public:
  CloudTensors operator()(const DepthMap& map, const at::Tensor& image,
                          const CloudOptions& options) {
    const at::NoGradGuard no_grad;
    const DepthTensors planes = to_tensors(map);
    const at::Device device = planes.depth.device();
    const Grid& grid = grid_for({map.width(), map.height(), static_cast<int>(image.size(1)),
                                 static_cast<int>(image.size(0)), stride_of(options),
                                 options.intrinsics.value_or(map.intrinsics()), device});

    const at::Tensor depth = gather(planes.depth, grid.pixels);
    at::Tensor mask = in_range(depth, options.min_depth, keep_range(options).max_depth);
    if (options.edge_threshold > 0) {
      const at::Tensor flying = flying_pixels(planes.depth, options.edge_threshold);
      mask = at::logical_and(mask, at::logical_not(gather(flying, grid.pixels)));
    }
    if (options.confidence_percentile > 0 || options.min_confidence > 0) {
      mask = confident(mask, gather(planes.confidence, grid.pixels), options);
    }
    at::Tensor kept = mask.nonzero().flatten();
    const auto points = [&] {
      const at::Tensor z = depth.index_select(0, kept);
      const at::Tensor x = grid.ray_x.index_select(0, kept) * z;
      const at::Tensor y = grid.ray_y.index_select(0, kept) * z;
      return in_axes({x, y, z}, options.axes);
    };
    if (options.voxel_size > 0) {
      kept = kept.index_select(0, first_in_voxels(points(), options.voxel_size));
    }
    const std::int64_t count = kept.numel();
    if (options.max_points > 0 && static_cast<std::size_t>(count) > options.max_points) {
      kept = kept.index_select(0, thinned_positions(count, options.max_points, device));
    }

    at::Tensor normals;
    if (options.normals) {
      if (!planes.normals.defined()) {
        throw Error(ErrorCode::invalid_argument, Stage::cloud,
                    "points are to have normals, but the depth map has none");
      }
      const at::Tensor of_points =
          planes.normals.view({-1, 3}).index_select(0, grid.pixels.index_select(0, kept));
      normals = in_axes({of_points.select(1, 0), of_points.select(1, 1), of_points.select(1, 2)},
                        options.axes);
    }
    const at::Tensor colors =
        image.to(device).reshape({-1, 3}).index_select(0, grid.image_pixels.index_select(0, kept));
    return {points(), colors, options.axes, normals};
  }

 private:
  /// [N, 3] of the coordinates in `opencv`.
  static at::Tensor in_axes(const std::array<at::Tensor, 3>& coordinates, Axes axes) {
    const AxisOrder order = axis_order(Axes::opencv, axes);
    std::array<at::Tensor, 3> columns;
    for (std::size_t i = 0; i < 3; ++i) {
      const at::Tensor& coordinate = coordinates[order.from[i]];
      columns[i] = order.sign[i] < 0 ? coordinate.neg() : coordinate;
    }
    return at::stack(columns, 1);
  }

  static at::Tensor confident(const at::Tensor& mask, const at::Tensor& confidence,
                              const CloudOptions& options) {
    at::Tensor kept = mask;
    if (options.confidence_percentile > 0) {
      const at::Tensor threshold =
          percentile_threshold(confidence, mask, options.confidence_percentile);
      if (threshold.defined()) kept = at::logical_and(kept, confidence >= threshold);
    }
    if (options.min_confidence > 0) {
      kept = at::logical_and(kept, confidence >= options.min_confidence);
    }
    return kept;
  }

  const Grid& grid_for(const Grid::Shape& shape) {
    if (!grid_ || !(grid_->shape == shape)) grid_.emplace(shape);
    return *grid_;
  }

  std::optional<Grid> grid_;
};

/// The pixels of any format as [H, W, 3], red first, on the device.
at::Tensor upload(const ImageView& image, const at::Device& device) {
  const std::int64_t bytes = channels(image.format);
  const at::Tensor pixels =
      at::from_blob(const_cast<std::uint8_t*>(image.data), {image.height, image.width, bytes},
                    {static_cast<std::int64_t>(image.stride), bytes, 1}, at::kByte)
          .to(device);
  if (image.format == PixelFormat::gray) return pixels.expand({-1, -1, 3});
  const at::Tensor colors = pixels.narrow(2, 0, 3);
  return is_blue_first(image.format) ? colors.flip(2) : colors;
}

class TensorDeviceCloudBuilder : public DeviceCloudBuilder {
 public:
  void build(const DepthMap& depth, const ImageView& image, const CloudOptions& options,
             PointCloud& out) override {
    with_torch_errors(Stage::cloud, ErrorCode::internal, [&] {
      const at::Device device = to_tensors(depth).depth.device();
      const CloudTensors cloud = unproject_(depth, upload(image, device), options);
      download(cloud.positions, at::kFloat, out.positions);
      download(cloud.colors, at::kByte, out.colors);
      out.normals.resize(0);
      if (cloud.normals.defined()) download(cloud.normals, at::kFloat, out.normals);
      out.axes = options.axes;
      out.num_views = 0;
    });
  }

 private:
  template <typename T>
  static void download(const at::Tensor& from, at::ScalarType type, Buffer<T>& to) {
    to.resize(static_cast<std::size_t>(from.numel()));
    if (!to.empty()) at::from_blob(to.data(), from.sizes(), type).copy_(from);
  }

  TensorUnprojection unproject_;
};

}  // namespace

std::unique_ptr<DeviceCloudBuilder> TensorDepth::make_cloud_builder() const {
  return std::make_unique<TensorDeviceCloudBuilder>();
}

struct TensorCloudBuilder::Impl {
  CloudOptions options;
  TensorUnprojection unproject;
};

TensorCloudBuilder::TensorCloudBuilder(const CloudOptions& options)
    : impl_(std::make_unique<Impl>()) {
  validate(options);
  impl_->options = options;
}
TensorCloudBuilder::~TensorCloudBuilder() = default;
TensorCloudBuilder::TensorCloudBuilder(TensorCloudBuilder&&) noexcept = default;
TensorCloudBuilder& TensorCloudBuilder::operator=(TensorCloudBuilder&&) noexcept = default;

CloudTensors TensorCloudBuilder::build(const DepthMap& depth, const at::Tensor& rgb) {
  return with_torch_errors(Stage::cloud, ErrorCode::internal, [&] {
    check_rgb(rgb);
    return impl_->unproject(depth, shown_part(rgb, depth.info().region), impl_->options);
  });
}

}  // namespace depthcloud
