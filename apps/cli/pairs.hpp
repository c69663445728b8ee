// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cli {

/// What one cloud is made of: a photo, its depth, or both.
struct Pair {
  std::optional<std::filesystem::path> photo;
  std::optional<std::filesystem::path> depth;
  std::string problem;  ///< why this photo has no depth, where it should

  /// What messages call it.
  const std::filesystem::path& name() const { return photo ? *photo : *depth; }
};

struct Pairs {
  std::vector<Pair> pairs;
  std::vector<std::string> notes;  ///< on files that are left over or passed over
};

/// The photos with the depth files of a folder that have their names but for the extension; without
/// photos the depth files alone, by name. Throws FileError for a folder without depth files.
Pairs pairs_with_folder(const std::vector<std::filesystem::path>& photos,
                        const std::filesystem::path& folder);

/// The pairs of a text file: on each line a photo and its depth, or, as the tools of TUM RGB-D
/// write it, a time before each; relative to the file's folder. Names with spaces stand between
/// tabs; a '#' begins a line that is passed over. UTF-8, with or without its mark in front. Throws
/// FileError.
Pairs pairs_of_list(const std::filesystem::path& list);

}  // namespace cli
