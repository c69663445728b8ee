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

/// The planes of a depth map in memory that `core` cannot read. LibTorch implements it; through it
/// PointCloudBuilder reaches a GPU without knowing of Torch.
class DeviceDepth {
 public:
  virtual ~DeviceDepth() = default;
  virtual Device device() const = 0;
  /// Copies to host memory.
  virtual SharedDepthPlanes to_host() const = 0;
  virtual std::unique_ptr<DeviceCloudBuilder> make_cloud_builder() const = 0;
};

}  // namespace depthcloud
