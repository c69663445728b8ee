// SPDX-License-Identifier: Apache-2.0
#include "paths.hpp"

#include <system_error>

namespace cli {
namespace {

namespace fs = std::filesystem;

/// Without links and dots; where the system cannot follow it, as far as its words go.
fs::path plain(const fs::path& path) {
  std::error_code failure;
  const fs::path followed = fs::weakly_canonical(path, failure);
  return failure ? fs::absolute(path, failure).lexically_normal() : followed;
}

}  // namespace

bool is_folder(const fs::path& path) {
  std::error_code failure;
  return fs::is_directory(path, failure);
}

std::string obstacle(const fs::path& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  return fs::exists(status) ? "" : failure.message();
}

bool is_there(const fs::path& path) { return obstacle(path).empty(); }

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code failure;
  return fs::equivalent(a, b, failure) || plain(a) == plain(b);
}

}  // namespace cli
