// SPDX-License-Identifier: Apache-2.0
#include "input_files.hpp"

#include <sys/stat.h>

#include <optional>

#include <fmt/format.h>

#include "options.hpp"

namespace cli {
namespace {

std::optional<std::pair<dev_t, ino_t>> identity(const std::filesystem::path& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return std::pair(status.st_dev, status.st_ino);
}

}  // namespace

void InputFiles::add(const std::filesystem::path& input) {
  if (const auto file = identity(input)) files_.insert(*file);
}

void InputFiles::check(const std::filesystem::path& output) const {
  const auto file = identity(output);
  if (file && files_.contains(*file)) {
    throw UsageError(
        fmt::format("'{}' is read by this command and would be overwritten", output.string()));
  }
}

}  // namespace cli
