// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace cli {

/// Whether a name on the command line is "-": standard input, or standard output.
bool is_stream(const std::filesystem::path& name);

/// The bytes of a file or of standard input, which can be read once. Throws depthcloud::Error as
/// read_file does.
std::vector<std::uint8_t> read_input(const std::filesystem::path& name);

/// Writes a file, or to standard output. Throws depthcloud::Error as write_file does.
void write_output(const std::filesystem::path& name, std::span<const std::uint8_t> bytes);

}  // namespace cli
