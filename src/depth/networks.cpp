// SPDX-License-Identifier: Apache-2.0
#include "depth/networks.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

#include <dlfcn.h>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/version.hpp>

#include "core/idle_threads.hpp"
#include "core/log.hpp"

namespace depthcloud {
namespace {

namespace fs = std::filesystem;

constexpr const char* file_name = "libdepthcloud_torch" DEPTHCLOUD_MODULE_SUFFIX;
constexpr const char* path_variable = "DEPTHCLOUD_TORCH_LIBRARY";

[[noreturn]] void unavailable(const std::string& message) {
  throw Error(ErrorCode::unavailable, Stage::load, message);
}

/// The folder of the program or shared library that this code is linked into.
fs::path own_folder() {
  Dl_info where{};
  std::error_code failure;
  fs::path file;
  if (::dladdr(reinterpret_cast<void*>(&own_folder), &where) != 0 && where.dli_fname != nullptr) {
    file = where.dli_fname;
  }
  // Of a program it is what the program was called by, which need not be a path.
  if (!file.has_parent_path() || !fs::exists(file, failure)) file = "/proc/self/exe";
  file = fs::canonical(file, failure);
  return file.parent_path();
}

/// Beside a library, beside the libraries of a program's prefix, and where it was installed.
std::vector<fs::path> folders() {
  std::vector<fs::path> found;
  const auto add = [&](const fs::path& libraries) {
    const fs::path folder = (libraries / DEPTHCLOUD_MODULE_FOLDER).lexically_normal();
    if (std::find(found.begin(), found.end(), folder) == found.end()) found.push_back(folder);
  };
  if (const fs::path own = own_folder(); !own.empty()) {
    add(own);
    add(own / "../lib");
    add(own / "../" DEPTHCLOUD_LIBRARY_FOLDER);
  }
  add(DEPTHCLOUD_INSTALLED_LIBRARIES);
  return found;
}

fs::path find_module() {
  // Nobody should change the environment of a process of several threads.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (const char* named = std::getenv(path_variable); named != nullptr && *named != '\0') {
    return named;
  }
  std::error_code failure;
  std::string searched;
  for (const fs::path& folder : folders()) {
    if (fs::exists(folder / file_name, failure)) return folder / file_name;
    searched += (searched.empty() ? "" : ", ") + folder.string();
  }
  unavailable(fmt::format(
      "networks need {}, which is not in {}: install the networks of this version, or name the "
      "file in {}; 'constant[:METRES[,DELAY_MS]]' works without",
      file_name, searched, path_variable));
}

const Networks& open_module() {
  const fs::path file = find_module();
  let_idle_threads_sleep();
  void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const reason =
        ::dlerror();  // NOLINT(concurrency-mt-unsafe): each thread has its own
    unavailable(fmt::format("the networks cannot be opened: {}", reason));
  }
  const auto open = reinterpret_cast<decltype(&depthcloud_open_networks)>(
      ::dlsym(library, "depthcloud_open_networks"));
  const Networks* const opened = open == nullptr ? nullptr : open(version(), log);
  if (opened == nullptr) {
    ::dlclose(library);
    unavailable(
        fmt::format("'{}' does not hold the networks of depthcloud {}", file.string(), version()));
  }
  return *opened;
}

}  // namespace

const Networks& networks() {
  if (&depthcloud_networks != nullptr) return depthcloud_networks();
  static std::mutex mutex;
  static const Networks* opened = nullptr;
  const std::lock_guard lock(mutex);
  if (opened == nullptr) opened = &open_module();
  return *opened;
}

std::string networks_obstacle() {
  try {
    networks();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace depthcloud
