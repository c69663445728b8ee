// SPDX-License-Identifier: Apache-2.0
#include "depth/networks.hpp"

#include <string>

#include <depthcloud/error.hpp>

#include "core/idle_threads.hpp"
#include "core/module.hpp"

namespace depthcloud {
namespace {

constexpr Module torch_module{.file = "libdepthcloud_torch",
                              .variable = "DEPTHCLOUD_TORCH_LIBRARY",
                              .entry = "depthcloud_open_networks",
                              .contents = "networks",
                              .need = "networks need",
                              .remedy = "install the networks of this version",
                              .without = "; 'constant[:METRES[,DELAY_MS]]' works without"};

}  // namespace

const Networks& networks() {
  if (&depthcloud_networks != nullptr) return depthcloud_networks();
  // Tried anew by the next call where it throws.
  static const void* const opened = [] {
    let_idle_threads_sleep();
    return open_module(torch_module);
  }();
  return *static_cast<const Networks*>(opened);
}

std::string networks_obstacle() {
  return obstacle_of([] { networks(); });
}

}  // namespace depthcloud
