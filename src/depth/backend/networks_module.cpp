// SPDX-License-Identifier: Apache-2.0
// The entry of the shared object libdepthcloud_torch.
#include <string_view>

#include <depthcloud/version.hpp>

#include "depth/networks.hpp"

const depthcloud::Networks* depthcloud_open_networks(const char* version,
                                                     depthcloud::LogFunction log) {
  if (version != std::string_view(depthcloud::version())) return nullptr;
  depthcloud::set_log_callback(log);
  return &depthcloud_networks();
}
