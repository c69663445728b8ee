// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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

/// Depth with the image that gives its colours and the pose of its camera. Borrows both.
struct RegisteredView {
  const DepthMap* depth = nullptr;
  ImageView image{};
  Extrinsics extrinsics{};  ///< world to camera, `opencv` axes, in the depth's unit
};

/// Runs the stages after the network, cloud and pack, for one receiver. Each call adds its
/// milliseconds to `times`: to `cloud` for making points or a grid (placing and merging included),
/// to `pack` for making bytes. A packet contains `times` as `stage_ms`, in which `pack` is the time
/// until stage_ms is written.
/// The packer keeps its memory from frame to frame. All calls throw as CloudBuilder::build(),
/// merge() and pack(). Thread-safety: one thread at a time.
class CloudPacker {
 public:
  /// Throws Error{invalid_argument} if an option is out of range.
  explicit CloudPacker(const CloudOptions& cloud = {}, const WireFormat& format = {});
  ~CloudPacker();
  CloudPacker(CloudPacker&&) noexcept;
  CloudPacker& operator=(CloudPacker&&) noexcept;

  /// Replace the options from the next frame on. Throw Error{invalid_argument} if an option is out
  /// of range; the old options then stay.
  void set_cloud_options(const CloudOptions& options);
  void set_wire_format(const WireFormat& format);
  const CloudOptions& cloud_options() const noexcept;
  const WireFormat& wire_format() const noexcept;

  /// Writes the points of one view to `out`, in the camera frame.
  void build(const DepthMap& depth, const ImageView& image, StageTimes& times, PointCloud& out);
  /// Writes the points of one view to `out`, in the world frame of its extrinsics; num_views is 0.
  void place(const RegisteredView& view, StageTimes& times, PointCloud& out);
  /// Writes the points of several views to `out`, in their world frame. CloudOptions::voxel_size
  /// and max_points apply to all views together.
  void merge(std::span<const RegisteredView> views, StageTimes& times, PointCloud& out);

  /// Returns the packet of a cloud. `is_metric`, if known, and `camera`, if the points are in one
  /// camera's frame, are written to it.
  std::vector<std::uint8_t> pack(const CloudView& cloud, const FrameTag& tag, StageTimes& times,
                                 std::optional<bool> is_metric = {},
                                 const std::optional<PacketCamera>& camera = {});
  /// Returns the packet of a cloud that build() made of this depth.
  std::vector<std::uint8_t> pack(const CloudView& cloud, const DepthMap& depth, const FrameTag& tag,
                                 StageTimes& times);
  /// Returns the packet of one view. In the encoding `depth` it contains the grid, and no points
  /// are computed.
  std::vector<std::uint8_t> pack(const DepthMap& depth, const ImageView& image, const FrameTag& tag,
                                 StageTimes& times);

  /// Returns the number of points of the last packet.
  std::size_t num_points() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace depthcloud
