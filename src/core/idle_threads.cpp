// SPDX-License-Identifier: Apache-2.0
#include "core/idle_threads.hpp"

#include <cstddef>
#include <string_view>

#include <dlfcn.h>
#include <unistd.h>

namespace depthcloud {
namespace {

bool is_loaded(const char* library) {
  void* const handle = ::dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
  if (handle != nullptr) ::dlclose(handle);
  return handle != nullptr;
}

}  // namespace

void let_idle_threads_sleep(const char* openmp) {
  if (is_loaded(openmp)) return;
  std::size_t count = 0;
  while (environ != nullptr && environ[count] != nullptr) {
    const std::string_view text = environ[count++];
    if (text.starts_with("GOMP_SPINCOUNT=") || text.starts_with("OMP_WAIT_POLICY=")) return;
  }
  // Rounds, about a tenth of a millisecond: enough for the gaps between the layers of a network.
  static char setting[] = "GOMP_SPINCOUNT=10000";
  // setenv() may free the array that another thread's getenv() is reading. Here the old one stays,
  // and the new one too when somebody else replaces it.
  char** const variables = new char*[count + 2]();
  for (std::size_t i = 0; i < count; ++i) variables[i] = environ[i];
  variables[count] = setting;
  environ = variables;
  // Nobody reads it but a search for leaks, for which it must not be optimised away.
  [[maybe_unused]] static char** volatile kept = nullptr;
  kept = variables;
}

}  // namespace depthcloud
