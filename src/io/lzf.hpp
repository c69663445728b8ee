// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <depthcloud/buffer.hpp>

namespace depthcloud {

/// Returns the `size` bytes, fewer than 2^32, that LZF compressed. What LZF cannot make of so few
/// bytes is refused before memory is allocated for it. Defined in builds that have liblzf. Throws
/// Error{corrupt_data, stage file}.
Buffer<std::uint8_t> decompress_lzf(std::span<const std::uint8_t> compressed, std::size_t size);

}  // namespace depthcloud
