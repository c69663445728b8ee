// SPDX-License-Identifier: Apache-2.0
#include "cloud_maker.hpp"

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

#include <depthcloud/cloud_merge.hpp>
#include <depthcloud/wire.hpp>

namespace server {
namespace {

using depthcloud::Stage;

constexpr depthcloud::Extrinsics origin = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};

/// Adds to `ms` what `stage` takes and returns what it returns.
template <typename Function>
auto timed(double& ms, Function&& stage) {
  const auto start = depthcloud::Clock::now();
  const auto took = [&] {
    return std::chrono::duration<double, std::milli>(depthcloud::Clock::now() - start).count();
  };
  if constexpr (std::is_void_v<decltype(stage())>) {
    stage();
    ms += took();
  } else {
    auto result = stage();
    ms += took();
    return result;
  }
}

/// Packs a cloud or a grid.
template <typename Points>
std::vector<std::uint8_t> packed(depthcloud::EstimatedFrame& frame, const Points& points,
                                 const depthcloud::WireFormat& format) {
  return timed(frame.times[Stage::pack], [&] {
    return depthcloud::pack(points, {.frame_id = frame.tag.frame_id,
                                     .capture_ts = frame.tag.capture_ts,
                                     .stage_ms = frame.times,
                                     .format = format});
  });
}

}  // namespace

void CloudMaker::build(const depthcloud::EstimatedView& view, const ClientOptions& options,
                       depthcloud::PointCloud& out) {
  builder_.set_options(options.cloud);
  builder_.build(view.depth, view.image.view(), out);
}

std::vector<std::uint8_t> CloudMaker::make(depthcloud::EstimatedFrame& frame,
                                           const ClientOptions& options) {
  const depthcloud::EstimatedView& view = frame.views.front();
  double& cloud_ms = frame.times[Stage::cloud];
  if (options.wire.encoding == depthcloud::Encoding::depth) {
    timed(cloud_ms, [&] {
      builder_.set_options(options.cloud);
      builder_.build_grid(view.depth, view.image.view(), grid_);
    });
    return packed(frame, grid_, options.wire);
  }
  views_.resize(std::max<std::size_t>(views_.size(), 1));
  depthcloud::PointCloud& cloud = views_.front();
  timed(cloud_ms, [&] { build(view, options, cloud); });
  if (!options.extrinsics) return packed(frame, std::as_const(cloud).view(), options.wire);
  timed(cloud_ms, [&] {
    const depthcloud::RegisteredCloud placed[] = {
        {std::as_const(cloud).view(), *options.extrinsics}};
    depthcloud::merge(placed, {}, merged_);
    merged_.num_views = 0;  // placed, but not put together from registered cameras
  });
  return packed(frame, std::as_const(merged_).view(), options.wire);
}

std::vector<std::uint8_t> CloudMaker::make_merged(
    depthcloud::EstimatedFrame& frame,
    std::span<const std::optional<depthcloud::Extrinsics>> placed, const ClientOptions& options) {
  views_.resize(std::max(views_.size(), frame.views.size()));
  timed(frame.times[Stage::cloud], [&] {
    ClientOptions of_each = options;
    of_each.cloud.max_points = 0;  // counts for all views together
    std::vector<depthcloud::RegisteredCloud> registered;
    for (std::size_t i = 0; i < frame.views.size(); ++i) {
      const depthcloud::EstimatedView& view = frame.views[i];
      build(view, of_each, views_[i]);
      registered.push_back({std::as_const(views_[i]).view(),
                            placed[view.index] ? *placed[view.index]
                                               : view.depth.info().extrinsics.value_or(origin)});
    }
    depthcloud::merge(registered, {.max_points = options.cloud.max_points}, merged_);
  });
  return packed(frame, std::as_const(merged_).view(), options.wire);
}

}  // namespace server
