// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/depth_map.hpp>
#include <depthcloud/frame.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/intrinsics.hpp>
#include <depthcloud/point_cloud.hpp>
#include <depthcloud/stage.hpp>
#include <depthcloud/wire.hpp>

namespace depthcloud {

/// Depth with the image that colours it, and where its camera stood. Borrows both.
struct RegisteredView {
  const DepthMap* depth = nullptr;
  ImageView image{};
  Extrinsics extrinsics{};  ///< world to camera, `opencv` axes, in the depth's unit
};

/// The stages after the network, cloud and pack, for one receiver: the one place where depth
/// becomes points and points become a packet. Each call adds the milliseconds that it took to
/// `times`: to `cloud` for all that makes points or a grid (placing and merging too), to `pack` for
/// all that makes bytes of them. Packets carry the times of the stages before pack as `stage_ms`.
/// Keeps its memory from frame to frame. Errors as CloudBuilder::build, merge() and pack().
/// Thread-safety: one thread at a time.
class CloudPacker {
 public:
  /// Errors: invalid_argument.
  explicit CloudPacker(const CloudOptions& cloud = {}, const WireFormat& format = {});
  ~CloudPacker();
  CloudPacker(CloudPacker&&) noexcept;
  CloudPacker& operator=(CloudPacker&&) noexcept;

  /// Replace the options for the frames to come. On an error nothing changes.
  void set_cloud_options(const CloudOptions& options);
  void set_wire_format(const WireFormat& format);
  const CloudOptions& cloud_options() const noexcept;
  const WireFormat& wire_format() const noexcept;

  /// The points of one view, in its camera's frame.
  void build(const DepthMap& depth, const ImageView& image, StageTimes& times, PointCloud& out);
  /// The points of one view in the world frame of its extrinsics; num_views is 0.
  void place(const RegisteredView& view, StageTimes& times, PointCloud& out);
  /// The points of several views as one cloud in their world frame. CloudOptions::max_points counts
  /// for all views together.
  void merge(std::span<const RegisteredView> views, StageTimes& times, PointCloud& out);

  /// The packet of points.
  std::vector<std::uint8_t> pack(const CloudView& cloud, const FrameTag& tag, StageTimes& times);
  /// The packet of one view. In the encoding `depth` it holds the grid, and no points are made.
  std::vector<std::uint8_t> pack(const DepthMap& depth, const ImageView& image, const FrameTag& tag,
                                 StageTimes& times);

  /// How many points the last packet shows.
  std::size_t num_points() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
