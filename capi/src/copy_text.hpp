// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace depthcloud::capi {

/// Copies text into a fixed array with a zero at its end; what is too long is cut between two UTF-8
/// characters.
template <std::size_t size>
void copy_text(char (&to)[size], std::string_view text) noexcept {
  const auto continues = [&](std::size_t i) { return (text[i] & 0xC0) == 0x80; };
  std::size_t length = std::min(text.size(), size - 1);
  if (length < text.size()) {
    while (length > 0 && continues(length)) --length;
  }
  std::fill(std::copy_n(text.data(), length, to), to + size, '\0');
}

}  // namespace depthcloud::capi
