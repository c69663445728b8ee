// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/system_info.hpp>

#include <depthcloud/error.hpp>
#include <depthcloud/version.hpp>

#include "core/processor.hpp"
#include "core/simd.hpp"
#include "depth/networks.hpp"
#include "depth/precision.hpp"

namespace depthcloud {

std::vector<DeviceInfo> devices() {
  if (have_networks()) return networks().devices();
  return {{Device{}, "CPU"}};
}

std::vector<PrecisionInfo> precisions(const Device& device) {
  try {
    return networks().precisions(device);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
    std::vector<PrecisionInfo> none;
    for (const Precision precision : formats) none.push_back({precision, error.what()});
    return none;
  }
}

SystemInfo query_system_info() {
  SystemInfo info;
  info.depthcloud_version = version();
  info.processor = processor_name();
  info.devices = devices();
  info.simd = simd_target_name();
  if (have_networks()) networks().describe(info);
  return info;
}

}  // namespace depthcloud
