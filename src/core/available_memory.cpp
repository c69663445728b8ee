// SPDX-License-Identifier: Apache-2.0
#include "core/available_memory.hpp"

#include <algorithm>
#include <fstream>
#include <limits>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

namespace fs = std::filesystem;
using Bytes = std::optional<std::uint64_t>;

/// The number behind a word of a file of words and numbers; nothing if it is not there.
Bytes number_after(const fs::path& path, const std::string& name) {
  std::ifstream file(path);
  std::string word;
  while (file >> word) {
    std::uint64_t value = 0;
    if (word == name && file >> value) return value;
  }
  return std::nullopt;
}

/// A file that is one number; nothing for "max".
Bytes number_in(const fs::path& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  return file >> value ? Bytes(value) : std::nullopt;
}

/// What a control group leaves: its limit without what it uses, but for file pages, which it gives
/// back.
Bytes left_of(const fs::path& limit_file, const fs::path& usage_file, const char* file_pages) {
  const Bytes limit = number_in(limit_file);
  const Bytes usage = number_in(usage_file);
  if (!limit || !usage) return std::nullopt;
  const std::uint64_t files =
      number_after(usage_file.parent_path() / "memory.stat", file_pages).value_or(0);
  const std::uint64_t used = *usage - std::min(files, *usage);
  return *limit - std::min(used, *limit);
}

}  // namespace

std::optional<std::uint64_t> available_memory(const fs::path& root) {
  constexpr std::uint64_t kibi = 1024;
  const Bytes machine = number_after(root / "proc/meminfo", "MemAvailable:");
  const fs::path groups = root / "sys/fs/cgroup";
  const fs::path old_group = groups / "memory";
  const Bytes group = left_of(groups / "memory.max", groups / "memory.current", "inactive_file");
  const Bytes in_old_group = left_of(old_group / "memory.limit_in_bytes",
                                     old_group / "memory.usage_in_bytes", "total_inactive_file");
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t least = std::min(
      {machine ? *machine * kibi : most, group.value_or(most), in_old_group.value_or(most)});
  return least == most ? std::nullopt : Bytes(least);
}

void check_memory(double bytes, Stage stage, const std::string& what, const fs::path& root) {
  constexpr double not_worth_a_look = 256e6;
  if (bytes < not_worth_a_look) return;
  constexpr std::uint64_t address_space = std::uint64_t{1} << 62;  // where the system does not say
  const std::uint64_t available = available_memory(root).value_or(address_space);
  if (bytes <= static_cast<double>(available)) return;
  throw Error(ErrorCode::out_of_memory, stage,
              fmt::format("{} needs {:.1f} GB of memory, {:.1f} GB are available", what,
                          bytes / 1e9, static_cast<double>(available) / 1e9));
}

}  // namespace depthcloud
