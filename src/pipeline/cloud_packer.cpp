// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/cloud_packer.hpp>

#include <algorithm>
#include <utility>

#include <depthcloud/cloud_merge.hpp>
#include <depthcloud/error.hpp>

#include "core/stopwatch.hpp"

namespace depthcloud {

struct CloudPacker::Impl {
  CloudOptions options;
  WireFormat format;
  CloudBuilder builder{};
  std::size_t num_points = 0;
  // Their memory serves all frames.
  PointCloud cloud{};
  DepthGrid grid{};
  std::vector<PointCloud> views{};

  /// Points (a cloud or a grid) to bytes.
  template <typename Points>
  std::vector<std::uint8_t> packed(const Points& points, const FrameTag& tag, StageTimes& times,
                                   std::optional<bool> is_metric,
                                   const std::optional<PacketCamera>& camera = {}) {
    const StageTimes before = times;
    const Stopwatch watch(times[Stage::pack]);
    return depthcloud::pack(points, {.frame_id = tag.frame_id,
                                     .capture_ts = tag.capture_ts,
                                     .stage_ms = before,
                                     .pack_since = Stopwatch::Clock::now(),
                                     .is_metric = is_metric,
                                     .camera = camera,
                                     .format = format});
  }

  PacketCamera camera_of(const DepthMap& depth) const {
    return {depth.width(), depth.height(), options.intrinsics.value_or(depth.intrinsics())};
  }

  /// Each view's points in its camera's frame, in `opencv` axes, not thinned.
  std::vector<RegisteredCloud> clouds_of(std::span<const RegisteredView> registered) {
    CloudOptions of_view = options;
    of_view.axes = Axes::opencv;
    of_view.voxel_size = 0;
    of_view.max_points = 0;
    builder.set_options(of_view);
    views.resize(std::max(views.size(), registered.size()));
    std::vector<RegisteredCloud> clouds;
    for (std::size_t i = 0; i < registered.size(); ++i) {
      if (registered[i].depth == nullptr) {
        throw Error(ErrorCode::invalid_argument, Stage::cloud,
                    "a registered view has no depth map");
      }
      builder.build(*registered[i].depth, registered[i].image, views[i]);
      clouds.push_back({std::as_const(views[i]).view(), registered[i].extrinsics});
    }
    return clouds;
  }
};

CloudPacker::CloudPacker(const CloudOptions& cloud, const WireFormat& format) {
  validate(cloud);
  validate(format);
  impl_ = std::make_unique<Impl>(Impl{cloud, format});
}

CloudPacker::~CloudPacker() = default;
CloudPacker::CloudPacker(CloudPacker&&) noexcept = default;
CloudPacker& CloudPacker::operator=(CloudPacker&&) noexcept = default;

void CloudPacker::set_cloud_options(const CloudOptions& options) {
  validate(options);
  impl_->options = options;
}

void CloudPacker::set_wire_format(const WireFormat& format) {
  validate(format);
  impl_->format = format;
}

const CloudOptions& CloudPacker::cloud_options() const noexcept { return impl_->options; }

const WireFormat& CloudPacker::wire_format() const noexcept { return impl_->format; }

void CloudPacker::build(const DepthMap& depth, const ImageView& image, StageTimes& times,
                        PointCloud& out) {
  const Stopwatch watch(times[Stage::cloud]);
  impl_->builder.set_options(impl_->options);
  impl_->builder.build(depth, image, out);
}

void CloudPacker::place(const RegisteredView& view, StageTimes& times, PointCloud& out) {
  merge({&view, 1}, times, out);
  out.num_views = 0;  // placed, but not put together from registered cameras
}

void CloudPacker::merge(std::span<const RegisteredView> views, StageTimes& times, PointCloud& out) {
  const Stopwatch watch(times[Stage::cloud]);
  const CloudOptions& options = impl_->options;
  depthcloud::merge(
      impl_->clouds_of(views),
      {.axes = options.axes, .voxel_size = options.voxel_size, .max_points = options.max_points},
      out);
}

std::vector<std::uint8_t> CloudPacker::pack(const CloudView& cloud, const FrameTag& tag,
                                            StageTimes& times, std::optional<bool> is_metric,
                                            const std::optional<PacketCamera>& camera) {
  impl_->num_points = cloud.size();
  return impl_->packed(cloud, tag, times, is_metric, camera);
}

std::vector<std::uint8_t> CloudPacker::pack(const CloudView& cloud, const DepthMap& depth,
                                            const FrameTag& tag, StageTimes& times) {
  return pack(cloud, tag, times, depth.is_metric(), impl_->camera_of(depth));
}

std::vector<std::uint8_t> CloudPacker::pack(const DepthMap& depth, const ImageView& image,
                                            const FrameTag& tag, StageTimes& times) {
  if (impl_->format.encoding != Encoding::depth) {
    build(depth, image, times, impl_->cloud);
    return pack(std::as_const(impl_->cloud).view(), depth, tag, times);
  }
  {
    const Stopwatch watch(times[Stage::cloud]);
    impl_->builder.set_options(impl_->options);
    impl_->builder.build_grid(depth, image, impl_->grid);
  }
  impl_->num_points = impl_->grid.num_points;
  return impl_->packed(impl_->grid, tag, times, depth.is_metric());
}

std::size_t CloudPacker::num_points() const noexcept { return impl_->num_points; }

}  // namespace depthcloud
