// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/depth_map.hpp>

namespace depthcloud {

/// Builds clouds where the depth lives; only the points come down.
class DeviceCloudBuilder {
 public:
  virtual ~DeviceCloudBuilder() = default;
  virtual void build(const DepthMap& depth, const ImageView& image, const CloudOptions& options,
                     PointCloud& out) = 0;
};

/// The planes of a depth map in memory that `core` cannot read: an opaque handle. LibTorch's side
/// implements it; through it PointCloudBuilder reaches a GPU without knowing of tensors.
class DeviceDepth {
 public:
  /// A depth map with planes on a device. Throws as DepthMap's constructors.
  static DepthMap wrap(int width, int height, std::shared_ptr<const DeviceDepth> planes,
                       const DepthInfo& info);
  /// The planes of a depth map; nullptr where they are in host memory.
  static const std::shared_ptr<const DeviceDepth>& of(const DepthMap& map) noexcept {
    return map.on_device_;
  }

  virtual ~DeviceDepth() = default;
  virtual Device device() const = 0;
  /// Copies to host memory.
  virtual SharedDepthPlanes to_host() const = 0;
  virtual std::unique_ptr<DeviceCloudBuilder> make_cloud_builder() const = 0;
};

}  // namespace depthcloud
