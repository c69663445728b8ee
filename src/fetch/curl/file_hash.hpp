// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace depthcloud {

/// The SHA-256 of a file, 64 lower-case digits. Errors: io, not_found.
std::string sha256_of(const std::filesystem::path& path);

/// The name that Git gives a file's content: the SHA-1 of "blob SIZE", a zero byte and the content.
std::string git_hash_of(const std::filesystem::path& path);

}  // namespace depthcloud
