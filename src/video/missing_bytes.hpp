// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

namespace depthcloud {

/// Returns how many bytes a video file (MP4, Matroska or AVI) lacks by its own account, because a
/// copy or a recording broke off: readers take the end of the file for that of the video. 0: none,
/// or it does not tell. Thread-safe.
std::uint64_t missing_bytes(const std::filesystem::path& file);

}  // namespace depthcloud
