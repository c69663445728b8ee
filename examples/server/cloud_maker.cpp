// SPDX-License-Identifier: Apache-2.0
#include "cloud_maker.hpp"

#include <algorithm>
#include <chrono>

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
  auto result = stage();
  ms += std::chrono::duration<double, std::milli>(depthcloud::Clock::now() - start).count();
  return result;
}

std::vector<std::uint8_t> packed(depthcloud::EstimatedFrame& frame,
                                 const depthcloud::PointCloud& cloud) {
  return timed(frame.times[Stage::pack], [&] {
    return depthcloud::pack(cloud.view(), {.frame_id = frame.tag.frame_id,
                                           .capture_ts = frame.tag.capture_ts,
                                           .stage_ms = frame.times});
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
  views_.resize(std::max<std::size_t>(views_.size(), 1));
  const depthcloud::PointCloud& cloud =
      *timed(frame.times[Stage::cloud], [&]() -> const depthcloud::PointCloud* {
        build(frame.views.front(), options, views_.front());
        if (!options.extrinsics) return &views_.front();
        const depthcloud::RegisteredCloud placed[] = {
            {std::as_const(views_.front()).view(), *options.extrinsics}};
        depthcloud::merge(placed, {}, merged_);
        merged_.num_views = 0;  // placed, but not put together from registered cameras
        return &merged_;
      });
  return packed(frame, cloud);
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
    return true;
  });
  return packed(frame, merged_);
}

}  // namespace server
