// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

// builtin_weights.S puts the file between these two symbols.
extern "C" {
[[gnu::visibility("hidden")]] extern const std::uint8_t depthcloud_builtin_weights_begin[];
[[gnu::visibility("hidden")]] extern const std::uint8_t depthcloud_builtin_weights_end[];
}

namespace depthcloud {

/// The bytes of builtin.safetensors, linked into the library and aligned to 16 bytes.
inline std::span<const std::uint8_t> builtin_weights() {
  return {depthcloud_builtin_weights_begin, depthcloud_builtin_weights_end};
}

}  // namespace depthcloud
