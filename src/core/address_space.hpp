// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace depthcloud {

/// No array of a program has more bytes: of the 64 bits of an address, x86-64 gives a program 47.
/// aarch64 gives 48, and both give more to who asks for it, but no machine has that much memory.
/// Thread-safety of this header: share freely.
inline constexpr std::int64_t max_extent =
    std::min<std::int64_t>(std::int64_t{1} << 47, std::numeric_limits<std::ptrdiff_t>::max());

/// Whether memory can hold `count` parts of `bytes` each, neither of which is negative.
constexpr bool fits_memory(std::int64_t count, std::int64_t bytes) noexcept {
  return count == 0 || bytes <= max_extent / count;
}

}  // namespace depthcloud
