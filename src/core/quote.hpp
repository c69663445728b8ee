// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace depthcloud {

/// Returns untrusted text for a one-line message: in quotes, printable ASCII only (other bytes
/// become
/// '?'), shortened to 100 characters.
inline std::string quote(std::string_view text) {
  constexpr std::size_t longest = 100;
  std::string result = "'";
  for (const char c : text.substr(0, longest)) result += (c >= ' ' && c <= '~') ? c : '?';
  result += text.size() > longest ? "...'" : "'";
  return result;
}

}  // namespace depthcloud
