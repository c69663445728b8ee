// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.hpp"

#include <cstddef>
#include <cstdint>

namespace depthcloud {
namespace {

struct Lead {
  std::uint8_t first, last;      ///< of the first byte
  std::uint8_t lowest, highest;  ///< of the second
  std::size_t size;
};

constexpr Lead leads[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

/// Bytes of the character at the start; 0 where there is none.
std::size_t character_size(std::string_view bytes) {
  const std::uint8_t first = byte_at(bytes, 0);
  if (first < 0x80) return 1;
  for (const Lead& lead : leads) {
    if (first < lead.first || first > lead.last) continue;
    if (bytes.size() < lead.size) return 0;
    const std::uint8_t second = byte_at(bytes, 1);
    if (second < lead.lowest || second > lead.highest) return 0;
    for (std::size_t i = 2; i < lead.size; ++i) {
      if ((byte_at(bytes, i) & 0xC0) != 0x80) return 0;
    }
    return lead.size;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t size = character_size(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

}  // namespace depthcloud
