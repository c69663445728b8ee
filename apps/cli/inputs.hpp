// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "options.hpp"

namespace cli {

/// One photo and the file that it becomes.
struct Job {
  std::filesystem::path photo;
  std::filesystem::path output;
};

/// What the arguments of a command stand for.
struct Inputs {
  std::vector<std::filesystem::path> photos;
  std::vector<std::filesystem::path> passed_over;  ///< files of folders that are no photos
};

/// The photos of a command; folders stand for the photos in them, told by their suffixes, not
/// hidden, by name. Throws Error{not_found} for a folder without photos.
Inputs photos_of(const std::vector<std::filesystem::path>& inputs);

/// The names of the first files and how many more there are: "a.txt, b.txt and 7 more".
std::string listed(const std::vector<std::filesystem::path>& files);

/// Prints one line on the files that were passed over, if there are any.
void tell_passed_over(const Inputs& inputs);

/// The photos of a command, see photos_of(), and where their clouds go; prints what is passed over
/// unless the command is quiet. Throws UsageError when two photos would become the same file
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
