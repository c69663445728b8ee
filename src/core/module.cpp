// SPDX-License-Identifier: Apache-2.0
#include "core/module.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include <dlfcn.h>

#include <fmt/format.h>

#include <depthcloud/version.hpp>

#include "core/log.hpp"

namespace depthcloud {
namespace {

namespace fs = std::filesystem;

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

/// What the loader opens: a path, or, if no folder has the file, its name, which the loader looks
/// for where the program was linked to look.
struct Found {
  std::string file;
  std::string searched;
};

Found find_module(const Module& module) {
  const std::string name = std::string(module.file) + DEPTHCLOUD_MODULE_SUFFIX;
  // Nobody should change the environment of a process of several threads.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  if (const char* named = std::getenv(module.variable); named != nullptr && *named != '\0') {
    return {named, ""};
  }
  std::error_code failure;
  std::string searched;
  for (const fs::path& folder : folders()) {
    if (fs::exists(folder / name, failure)) return {(folder / name).string(), ""};
    searched += (searched.empty() ? "" : ", ") + folder.string();
  }
  return {name, searched};
}

}  // namespace

bool joins(const char* opener, LogFunction log_of_opener) {
  if (opener != std::string_view(version())) return false;
  set_log_callback(log_of_opener);
  return true;
}

const void* open_module(const Module& module) {
  const auto [file, searched] = find_module(module);
  void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr && !searched.empty()) {
    unavailable(fmt::format("{} {}, which is not in {}: {}, or name the file in {}{}", module.need,
                            file, searched, module.remedy, module.variable, module.without));
  }
  if (library == nullptr) {
    const char* const reason =
        ::dlerror();  // NOLINT(concurrency-mt-unsafe): each thread has its own
    unavailable(fmt::format("the {} cannot be opened: {}", module.contents, reason));
  }
  const auto open = reinterpret_cast<OpenFunction>(::dlsym(library, module.entry));
  const void* const opened = open == nullptr ? nullptr : open(version(), log);
  if (opened == nullptr) {
    ::dlclose(library);
    unavailable(fmt::format("'{}' does not hold the {} of depthcloud {}", file, module.contents,
                            version()));
  }
  return opened;
}

}  // namespace depthcloud
