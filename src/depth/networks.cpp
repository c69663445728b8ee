// SPDX-License-Identifier: Apache-2.0
#include "depth/networks.hpp"

#include <mutex>
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
  static std::mutex mutex;
  static const Networks* opened = nullptr;
  const std::lock_guard lock(mutex);
  if (opened == nullptr) {
    let_idle_threads_sleep();
    opened = static_cast<const Networks*>(open_module(torch_module));
  }
  return *opened;
}

std::string networks_obstacle() {
  return obstacle_of([] { networks(); });
}

}  // namespace depthcloud
