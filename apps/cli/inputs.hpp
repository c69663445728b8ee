// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "options.hpp"

namespace cli {

/// One photo and the file that it becomes.
struct Job {
  std::filesystem::path photo;
  std::filesystem::path output;
};

/// The photos of a command; folders stand for the photos in them. Throws Error{not_found} for a
/// folder without photos.
std::vector<std::filesystem::path> photos_of(const std::vector<std::filesystem::path>& inputs);

/// The photos of a command and where their clouds go; folders stand for the photos in them (.jpg,
/// .jpeg, .png, not hidden), by name. Throws UsageError when two photos would become the same file
/// or one would replace a file that is read,
/// Error{not_found} for a folder without photos or an output whose folder is not there.
std::vector<Job> plan(const CloudCommand& command);

/// Creates a folder unless it exists. Throws Error{io}.
void make_folder(const std::filesystem::path& folder);

/// Throws Error{not_found} unless the folder that `output` is to be written to exists.
void check_folder_of(const std::filesystem::path& output);

/// True when both name the same file, there or not.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace cli
