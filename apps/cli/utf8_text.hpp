// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string_view>

namespace cli {

/// Text without the mark that some programs write in front of UTF-8. Throws std::runtime_error for
/// UTF-16.
inline std::string_view utf8_of(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    throw std::runtime_error("it is text in UTF-16: save it as UTF-8");
  }
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  return bytes.starts_with(mark) ? bytes.substr(mark.size()) : bytes;
}

/// Calls `read` with each line and its number, from 1, without the line ends.
template <typename Read>
void for_each_line(std::string_view text, Read&& read) {
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    read(number, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace cli
