// SPDX-License-Identifier: Apache-2.0
#include "remarks.hpp"

#include <cstdio>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include <depthcloud/log.hpp>

namespace cli {
namespace {

bool silent = false;

void print(const std::string& file, std::string_view remark) {
  const bool has_bar = ::isatty(::fileno(stderr)) != 0;  // which the line takes the place of
  fmt::print(stderr, "{}depthcloud: {}: {}\n", has_bar ? "\r\x1b[K" : "", file, remark);
}

}  // namespace

AboutFile::AboutFile(const std::filesystem::path& file) {
  if (silent) return;
  depthcloud::set_log_callback(
      [name = file.string()](depthcloud::LogLevel level, std::string_view remark) {
        if (level != depthcloud::LogLevel::debug) print(name, remark);
      });
}

AboutFile::~AboutFile() { depthcloud::set_log_callback(nullptr); }

void silence_remarks() { silent = true; }

}  // namespace cli
