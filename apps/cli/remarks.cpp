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

void print_all(const std::string& prefix) {
  if (silent) return;
  depthcloud::set_log_callback([prefix](depthcloud::LogLevel level, std::string_view remark) {
    if (level == depthcloud::LogLevel::debug) return;
    const bool has_bar = ::isatty(::fileno(stderr)) != 0;  // which the line takes the place of
    fmt::print(stderr, "{}depthcloud: {}{}\n", has_bar ? "\r\x1b[K" : "", prefix, remark);
  });
}

}  // namespace

Remarks::Remarks() { print_all(""); }

Remarks::Remarks(const std::filesystem::path& file) { print_all(file.string() + ": "); }

Remarks::~Remarks() { depthcloud::set_log_callback(nullptr); }

void silence_remarks() { silent = true; }

}  // namespace cli
