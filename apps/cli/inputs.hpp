// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "options.hpp"
#include "pairs.hpp"

namespace cli {

/// What one result is made of, and the file that it becomes.
struct Job {
  Pair pair;
  std::filesystem::path output;
};

struct Plan {
  std::vector<Job> jobs;
  std::vector<std::string> notes;  ///< on files that are left over or are no photos
};

/// What is in a folder but for hidden files and folders, by name.
struct FolderFiles {
  /// Also what cannot be looked at, of which reading says why.
  std::vector<std::filesystem::path> files;
  std::vector<std::string> others;  ///< pipes, links to nothing and the like, with what they are
};

/// Throws Error{io or not_found} where the folder cannot be read.
FolderFiles files_in(const std::filesystem::path& folder);

/// One line on files that are not read: how many, what they are and the names of the first.
std::string passed_over(const std::vector<std::string>& names, std::string_view what_one_is,
                        std::string_view what_many_are);

/// The photos of a command; folders stand for the photos in them, told by their suffixes, not
/// hidden, by name. A note names the other files of folders. Throws Error{not_found} for a folder
/// without photos.
std::vector<std::filesystem::path> photos_of(const std::vector<std::filesystem::path>& inputs,
                                             std::vector<std::string>& notes);

/// The clouds of a command, in the same way: folders stand for the .ply, .pcd and .msgpack files in
/// them.
std::vector<std::filesystem::path> clouds_of(const std::vector<std::filesystem::path>& inputs,
                                             std::vector<std::string>& notes);

/// What a command makes and where it goes. Throws UsageError when two results would become the same
/// file or one would replace a file that is read, Error{not_found} or FileError for a folder
/// without photos or depth files, a list that cannot be read, an output whose folder is not there.
Plan plan(const CloudCommand& command);
Plan plan(const DepthCommand& command);
Plan plan(const ConvertCommand& command);

/// Creates a folder unless it exists. Throws Error{io}.
void make_folder(const std::filesystem::path& folder);

/// Throws Error{not_found} unless the folder that `output` is to be written to exists, Error{io}
/// where no file can have this name.
void check_output(const std::filesystem::path& output);

}  // namespace cli
