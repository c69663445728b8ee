// SPDX-License-Identifier: Apache-2.0
#include "idle_threads.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <unistd.h>

namespace server {
namespace {

/// Rounds of spinning, tens of microseconds: enough for the gaps between the layers of a network.
constexpr const char* spin_count = "10000";

}  // namespace

void let_idle_threads_sleep(char** argv) {
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  std::error_code failure;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failure);
  if (failure || setenv("GOMP_SPINCOUNT", spin_count, 1) != 0) return;
  execv(program.c_str(), argv);
}

}  // namespace server
