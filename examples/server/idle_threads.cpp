// SPDX-License-Identifier: Apache-2.0
#include "idle_threads.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <unistd.h>

namespace server {
namespace {

constexpr const char* name_of_program = "depthcloud-server";
/// Rounds of spinning, about a tenth of a millisecond: enough for the gaps between the layers of a
/// network.
constexpr const char* spin_count = "10000";

}  // namespace

void let_idle_threads_sleep(char** argv) {
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  std::error_code failure;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failure);
  // Another name: whatever loaded the program, which would take the flags as its own.
  if (failure || program.filename() != name_of_program) return;
  if (setenv("GOMP_SPINCOUNT", spin_count, 1) != 0) return;
  execv(program.c_str(), argv);
  unsetenv("GOMP_SPINCOUNT");
}

}  // namespace server
