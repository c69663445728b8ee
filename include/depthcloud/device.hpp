// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace depthcloud {

enum class DeviceKind { cpu, cuda, mps };

/// Where a network runs or a depth map lives.
struct Device {
  DeviceKind kind = DeviceKind::cpu;
  int index = 0;  ///< which CUDA device; 0 otherwise

  bool operator==(const Device&) const = default;
};

/// "cpu", "cuda", "cuda:N" or "mps"; anything else is Error{invalid_argument}. The device
/// need not exist. ("auto" is not a device: DepthEstimator resolves it.)
Device parse_device(std::string_view text);

/// "cpu", "cuda:N" or "mps".
std::string to_string(const Device& device);

}  // namespace depthcloud
