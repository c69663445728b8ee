// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using depthcloud::LogLevel;

TEST_SUITE("core") {
  TEST_CASE("lines reach the callback that is set, and no other") {
    std::vector<std::string> lines;
    depthcloud::set_log_callback([&](LogLevel level, std::string_view line) {
      lines.push_back(std::to_string(static_cast<int>(level)) + " " + std::string(line));
    });
    depthcloud::log(LogLevel::warning, "one");
    depthcloud::set_log_callback(nullptr);
    depthcloud::log(LogLevel::warning, "two");
    CHECK(lines == std::vector<std::string>{"2 one"});
  }
}
