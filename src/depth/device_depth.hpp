// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <depthcloud/depth_map.hpp>

namespace depthcloud {

class DeviceCloudBuilder;  // see cloud/device_cloud.hpp

/// An opaque handle to the planes of a depth map in memory that `core` cannot read. The code on
/// LibTorch implements it, so that CloudBuilder can use a GPU without tensors in its interface.
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
  /// Returns a builder that makes clouds on the device of the planes.
  virtual std::unique_ptr<DeviceCloudBuilder> make_cloud_builder() const = 0;
};

}  // namespace depthcloud
