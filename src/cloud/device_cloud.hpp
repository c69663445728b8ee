// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "depth/device_depth.hpp"

namespace depthcloud {

/// TensorCloudBuilder for a host image and a host cloud: the image goes up, the points come down.
std::unique_ptr<DeviceCloudBuilder> make_tensor_cloud_builder();

}  // namespace depthcloud
