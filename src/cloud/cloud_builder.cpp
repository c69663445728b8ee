// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/cloud_builder.hpp>

#include <cmath>
#include <new>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "cloud/axis_order.hpp"
#include "cloud/device_cloud.hpp"
#include "cloud/host_cloud.hpp"
#include "cloud/sampling.hpp"
#include "cloud/transparency.hpp"
#include "cloud/voxel_set.hpp"
#include "depth/depth_steps.hpp"
#include "depth/device_depth.hpp"
#include "depth/pinhole.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::cloud, message);
}

void check_at_least_zero(const char* option, float value) {
  if (!(std::isfinite(value) && value >= 0)) {
    fail(fmt::format("{} {} is not a number from 0 up", option, value));
  }
}

}  // namespace

void validate(const CloudOptions& options) {
  if (const int stride = stride_of(options); stride < 1) {
    fail(fmt::format("stride {} is less than 1", stride));
  }
  check_at_least_zero("min_confidence", options.min_confidence);
  if (!(options.confidence_percentile >= 0 && options.confidence_percentile < 100)) {
    fail(fmt::format("confidence_percentile {} is not from 0 to below 100",
                     options.confidence_percentile));
  }
  check_at_least_zero("min_depth", options.min_depth);
  if (!(options.max_depth >= options.min_depth && options.max_depth > 0)) {
    fail(fmt::format("max_depth {} is not above 0 and at least min_depth {}", options.max_depth,
                     options.min_depth));
  }
  check_at_least_zero("edge_threshold", options.edge_threshold);
  check_voxel_size(options.voxel_size);
  if (options.intrinsics && !options.intrinsics->valid()) {
    fail(not_pinhole(*options.intrinsics));
  }
  axis_order(Axes::opencv, options.axes);
}

struct CloudBuilder::Impl {
  CloudOptions options;
  HostCloudBuilder on_host;
  std::unique_ptr<DeviceCloudBuilder> on_device;
  Buffer<float> depth_of_steps;

  /// The same view of floats, in memory that serves all frames.
  DepthView floats(const DepthView16& depth) {
    validate(depth);
    depth_of_steps.resize(static_cast<std::size_t>(depth.width) *
                          static_cast<std::size_t>(depth.height));
    to_floats(depth, depth_of_steps.span());
    return {.width = depth.width,
            .height = depth.height,
            .depth = depth_of_steps.data(),
            .confidence = depth.confidence,
            .intrinsics = depth.intrinsics};
  }
};

namespace {

/// Of depth alone: the colours that it gives are dropped.
ImageView any_image() {
  static constexpr std::uint8_t pixel[3] = {};
  return {.data = pixel, .width = 1, .height = 1, .stride = 3};
}

[[noreturn]] void fail_without_normals() {
  fail("points are to have normals, but the depth map has none");
}

[[noreturn]] void fail_memory(const char* what, int width, int height) {
  throw Error(ErrorCode::out_of_memory, Stage::cloud,
              fmt::format("no memory for a {} of {} x {} pixels", what, width, height));
}

}  // namespace

CloudBuilder::CloudBuilder(const CloudOptions& options) : impl_(std::make_unique<Impl>()) {
  set_options(options);
}
CloudBuilder::~CloudBuilder() = default;
CloudBuilder::CloudBuilder(CloudBuilder&&) noexcept = default;
CloudBuilder& CloudBuilder::operator=(CloudBuilder&&) noexcept = default;

const CloudOptions& CloudBuilder::options() const noexcept { return impl_->options; }

void CloudBuilder::set_options(const CloudOptions& options) {
  validate(options);
  impl_->options = options;
}

PointCloud CloudBuilder::build(const DepthMap& depth, const ImageView& image) {
  PointCloud cloud;
  build(depth, image, cloud);
  return cloud;
}

PointCloud CloudBuilder::build(const DepthView& depth, const ImageView& image) {
  PointCloud cloud;
  build(depth, image, cloud);
  return cloud;
}

PointCloud CloudBuilder::build(const DepthView16& depth, const ImageView& image) {
  PointCloud cloud;
  build(depth, image, cloud);
  return cloud;
}

void CloudBuilder::build(const DepthMap& depth, const ImageView& image, PointCloud& out) {
  const ImageView shown = crop(image, depth.info().region);
  const auto& on_device = DeviceDepth::of(depth);
  if (!on_device) return build(depth.view(), shown, out);
  if (hides_pixels(shown, depth.width(), depth.height(), impl_->options)) {
    const DepthMap on_host = depth.host();
    return build(on_host.view(), shown, out);
  }
  if (!impl_->on_device) impl_->on_device = on_device->make_cloud_builder();
  impl_->on_device->build(depth, shown, impl_->options, out);
}

void CloudBuilder::build(const DepthView& depth, const ImageView& image, PointCloud& out) try {
  validate(depth);
  validate(image);
  if (impl_->options.normals && depth.normals == nullptr) fail_without_normals();
  impl_->on_host.build(depth, image, impl_->options, out);
} catch (const std::bad_alloc&) {
  fail_memory("cloud", depth.width, depth.height);
}

void CloudBuilder::build(const DepthView16& depth, const ImageView& image, PointCloud& out) try {
  build(impl_->floats(depth), image, out);
} catch (const std::bad_alloc&) {
  fail_memory("cloud", depth.width, depth.height);
}

void CloudBuilder::build(const DepthMap& depth, PointCloud& out) {
  build(depth, any_image(), out);
  out.colors.resize(0);
}

void CloudBuilder::build(const DepthView& depth, PointCloud& out) {
  build(depth, any_image(), out);
  out.colors.resize(0);
}

void CloudBuilder::build(const DepthView16& depth, PointCloud& out) {
  build(depth, any_image(), out);
  out.colors.resize(0);
}

PointCloud CloudBuilder::build(const DepthMap& depth) {
  PointCloud cloud;
  build(depth, cloud);
  return cloud;
}

PointCloud CloudBuilder::build(const DepthView& depth) {
  PointCloud cloud;
  build(depth, cloud);
  return cloud;
}

PointCloud CloudBuilder::build(const DepthView16& depth) {
  PointCloud cloud;
  build(depth, cloud);
  return cloud;
}

DepthGrid CloudBuilder::build_grid(const DepthMap& depth, const ImageView& image) {
  DepthGrid grid;
  build_grid(depth, image, grid);
  return grid;
}

DepthGrid CloudBuilder::build_grid(const DepthView& depth, const ImageView& image) {
  DepthGrid grid;
  build_grid(depth, image, grid);
  return grid;
}

DepthGrid CloudBuilder::build_grid(const DepthView16& depth, const ImageView& image) {
  DepthGrid grid;
  build_grid(depth, image, grid);
  return grid;
}

void CloudBuilder::build_grid(const DepthMap& depth, const ImageView& image, DepthGrid& out) {
  const DepthMap on_host = depth.host();
  build_grid(on_host.view(), crop(image, depth.info().region), out);
}

void CloudBuilder::build_grid(const DepthView& depth, const ImageView& image, DepthGrid& out) try {
  validate(depth);
  validate(image);
  impl_->on_host.build_grid(depth, image, impl_->options, out);
} catch (const std::bad_alloc&) {
  fail_memory("grid", depth.width, depth.height);
}

void CloudBuilder::build_grid(const DepthView16& depth, const ImageView& image,
                              DepthGrid& out) try {
  build_grid(impl_->floats(depth), image, out);
} catch (const std::bad_alloc&) {
  fail_memory("grid", depth.width, depth.height);
}

}  // namespace depthcloud
