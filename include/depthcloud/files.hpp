// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace depthcloud {

/// Returns the bytes of a file. Throws Error{code, stage file}: not_found, io, limit_exceeded (the
/// file is larger than `max_bytes`). All functions of this header are thread-safe.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path,
                                    std::uint64_t max_bytes = 1ull << 30);

/// Writes a file under a temporary name beside `path`, then renames it, so that a failure leaves an
/// existing file unchanged; a link, a pipe or a device is written directly. The parts are written
/// one after the other. Throws
/// Error{io or not_found, stage file}.
void write_file(const std::filesystem::path& path,
                std::span<const std::span<const std::uint8_t>> parts);
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);

}  // namespace depthcloud
