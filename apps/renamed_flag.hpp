// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// What to say behind an error about a command line with a flag that has another name since a
/// release; else empty.
inline std::string renamed_flag_hint(int argc, const char* const* argv) {
  constexpr std::string_view old = "--edge-filter";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == old || argument.starts_with("--edge-filter=")) {
      return ": --edge-filter is called --edge-threshold now";
    }
  }
  return "";
}
