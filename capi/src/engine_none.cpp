// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/error.hpp>

#include "engine.hpp"

namespace depthcloud::capi {

std::unique_ptr<Network> load_network(const std::string&, const EstimatorOptions&) {
  throw Error(ErrorCode::unavailable, Stage::load, "this build has no networks: LibTorch is off");
}

std::vector<DeviceInfo> network_devices() { return {}; }

}  // namespace depthcloud::capi
