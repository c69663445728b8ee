// SPDX-License-Identifier: Apache-2.0
#include "in_quotes.hpp"

#include <fmt/format.h>

namespace server {

std::string in_quotes(std::string_view text, std::size_t longest) {
  std::string result = "\"";
  for (const char c : text.substr(0, longest)) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c >= ' ' && c <= '~') {
      result += c;
    } else {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  result += text.size() > longest ? "...\"" : "\"";
  return result;
}

}  // namespace server
