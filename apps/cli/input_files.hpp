// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <set>
#include <utility>

namespace cli {

/// The files that a command reads, which none of its outputs may replace: by whatever name, hard
/// and symbolic links too.
class InputFiles {
 public:
  /// A file that is not there, a folder, a pipe or a device has nothing to lose.
  void add(const std::filesystem::path& input);
  /// The files of a model: weights and what describes them, where they lie in a folder.
  void add_model(const std::filesystem::path& model);
  /// Throws UsageError when `output` is one of them.
  void check(const std::filesystem::path& output) const;

 private:
  std::set<std::pair<dev_t, ino_t>> files_;
};

}  // namespace cli
