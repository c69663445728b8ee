// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <depthcloud/error.hpp>

/// Runs `call` and tells what it threw, for CHECK: "corrupt_data decode: message", or "nothing".
/// Tests compare by starts_with or look for a word of the message.
template <typename Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const depthcloud::Error& error) {
    return std::string(to_string(error.code())) + " " + to_string(error.stage()) + ": " +
           error.what();
  } catch (const std::exception& error) {
    return std::string("foreign exception: ") + error.what();
  }
  return "nothing";
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
