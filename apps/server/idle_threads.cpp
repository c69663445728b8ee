// SPDX-License-Identifier: Apache-2.0
#include "idle_threads.hpp"

#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include <unistd.h>

namespace server {
namespace {

constexpr const char* name_of_program = "depthcloud-server";

}  // namespace

void let_idle_threads_sleep(char** argv) {
  std::vector<char*> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (text.starts_with("GOMP_SPINCOUNT=") || text.starts_with("OMP_WAIT_POLICY=")) return;
    environment.push_back(*variable);
  }
  // Rounds, about a tenth of a millisecond: enough for the gaps between the layers of a network.
  char setting[] = "GOMP_SPINCOUNT=10000";
  environment.insert(environment.end(), {setting, nullptr});

  std::error_code failure;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failure);
  // Another name is a loader that started this program; it would read the flags as its own.
  if (failure || program.filename() != name_of_program) return;
  execve(program.c_str(), argv, environment.data());
}

}  // namespace server
