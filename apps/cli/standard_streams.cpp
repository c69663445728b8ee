// SPDX-License-Identifier: Apache-2.0
#include "standard_streams.hpp"

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/files.hpp>

namespace cli {
namespace {

using depthcloud::Error;
using depthcloud::ErrorCode;
using depthcloud::Stage;

[[noreturn]] void fail(const char* what) {
  throw Error(ErrorCode::io, Stage::file,
              fmt::format("cannot {}: {}", what, std::generic_category().message(errno)));
}

std::vector<std::uint8_t> read_standard_input() {
  constexpr std::size_t max_bytes = std::size_t{1} << 30;  // as read_file
  std::vector<std::uint8_t> bytes;
  std::uint8_t chunk[1 << 16];
  while (const std::size_t count = std::fread(chunk, 1, sizeof chunk, stdin)) {
    if (bytes.size() + count > max_bytes) {
      throw Error(ErrorCode::limit_exceeded, Stage::file,
                  fmt::format("standard input is larger than {} bytes", max_bytes));
    }
    bytes.insert(bytes.end(), chunk, chunk + count);
  }
  if (std::ferror(stdin)) fail("read standard input");
  return bytes;
}

}  // namespace

bool is_stream(const std::filesystem::path& name) { return name == "-"; }

std::vector<std::uint8_t> read_input(const std::filesystem::path& name) {
  return is_stream(name) ? read_standard_input() : depthcloud::read_file(name);
}

void write_output(const std::filesystem::path& name, std::span<const std::uint8_t> bytes) {
  if (!is_stream(name)) return depthcloud::write_file(name, bytes);
  const bool whole = std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
  if (!whole || std::fflush(stdout) != 0) fail("write standard output");
}

}  // namespace cli
