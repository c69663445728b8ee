// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace depthcloud {

/// Reads a whole file. Errors (stage file): not_found, io, limit_exceeded (the file is larger than
/// `max_bytes`). Thread-safety of this header: share freely.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path,
                                    std::uint64_t max_bytes = 1ull << 30);

/// Writes a whole file under a temporary name beside `path` and renames it, so that `path` is
/// either what it was or complete. The parts are written one after the other. Errors: io.
void write_file(const std::filesystem::path& path,
                std::span<const std::span<const std::uint8_t>> parts);
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);

}  // namespace depthcloud
