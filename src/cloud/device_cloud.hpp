// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/cloud_builder.hpp>

namespace depthcloud {

/// Builds clouds on the device of the depth; only the points are copied to the host.
class DeviceCloudBuilder {
 public:
  virtual ~DeviceCloudBuilder() = default;
  virtual void build(const DepthMap& depth, const ImageView& image, const CloudOptions& options,
                     PointCloud& out) = 0;
};

}  // namespace depthcloud
