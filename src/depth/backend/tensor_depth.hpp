// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/torch.hpp>

#include "depth/device_depth.hpp"

namespace depthcloud {

/// The planes of a depth map as tensors, all three on one device; confidence is defined.
class TensorDepth : public DeviceDepth {
 public:
  explicit TensorDepth(DepthTensors tensors) : tensors_(std::move(tensors)) {}

  const DepthTensors& tensors() const { return tensors_; }
  Device device() const override;
  SharedDepthPlanes to_host() const override;
  /// Defined in cloud/cloud_builder_torch.cpp.
  std::unique_ptr<DeviceCloudBuilder> make_cloud_builder() const override;

 private:
  DepthTensors tensors_;
};

}  // namespace depthcloud
