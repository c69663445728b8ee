// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/depth_grid.hpp>
#include <depthcloud/point_cloud.hpp>
#include <depthcloud/stream_hub.hpp>

#include "client_options.hpp"

namespace server {

/// The stages after the network for one receiver: clouds and packets as its options want them.
/// Keeps its memory from frame to frame. Thread-safety: one thread at a time.
class CloudMaker {
 public:
  /// The packet of one camera's frame; `frame.times` receives cloud and pack.
  std::vector<std::uint8_t> make(depthcloud::EstimatedFrame& frame, const ClientOptions& options);

  /// The packet of several cameras' views, merged in the world frame. `placed` holds a place or
  /// nothing for each view that was offered; where it holds nothing, the network's counts.
  std::vector<std::uint8_t> make_merged(
      depthcloud::EstimatedFrame& frame,
      std::span<const std::optional<depthcloud::Extrinsics>> placed, const ClientOptions& options);

 private:
  void build(const depthcloud::EstimatedView& view, const ClientOptions& options,
             depthcloud::PointCloud& out);

  depthcloud::PointCloudBuilder builder_;
  std::vector<depthcloud::PointCloud> views_;
  depthcloud::PointCloud merged_;
  depthcloud::DepthGrid grid_;
};

}  // namespace server
