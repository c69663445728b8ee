// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace cli {

/// Whether a path leads to a folder. False too where that cannot be told.
bool is_folder(const std::filesystem::path& path);

/// Why nothing can be known of what a path leads to, in the system's words: "No such file or
/// directory", "Too many levels of symbolic links", "File name too long". Empty: it is there.
std::string obstacle(const std::filesystem::path& path);

/// Whether a file, a folder or anything else is there.
bool is_there(const std::filesystem::path& path);

/// True when both name the same file, there or not.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace cli
