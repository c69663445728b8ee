// SPDX-License-Identifier: Apache-2.0
// The entry of the shared object libdepthcloud_torch.
#include "depth/networks.hpp"

const void* depthcloud_open_networks(const char* version, depthcloud::LogFunction log) {
  return depthcloud::joins(version, log) ? &depthcloud_networks() : nullptr;
}
