// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/system_info.hpp>

#include <depthcloud/version.hpp>

#include "core/processor.hpp"
#include "core/simd.hpp"
#include "depth/networks.hpp"
#include "depth/precision.hpp"

namespace depthcloud {

std::vector<DeviceInfo> devices() {
  if (networks_obstacle().empty()) return networks().devices();
  return {{Device{}, "CPU"}};
}

std::vector<PrecisionInfo> precisions(const Device& device) {
  const std::string obstacle = networks_obstacle();
  if (obstacle.empty()) return networks().precisions(device);
  std::vector<PrecisionInfo> none;
  for (const Precision precision : formats) none.push_back({precision, obstacle});
  return none;
}

SystemInfo query_system_info() {
  SystemInfo info;
  info.depthcloud_version = version();
  info.processor = processor_name();
  info.devices = devices();
  info.simd = simd_target_name();
  if (networks_obstacle().empty()) networks().describe(info);
  return info;
}

}  // namespace depthcloud
