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

/// Parses "cpu", "cuda", "cuda:N" or "mps". The device need not exist. Throws
/// Error{invalid_argument} for any other text, "auto" included: DepthEstimator resolves that.
Device parse_device(std::string_view text);

/// Returns "cpu", "cuda:N" or "mps".
std::string to_string(const Device& device);

}  // namespace depthcloud
