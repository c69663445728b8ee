// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <depthcloud/buffer.hpp>

namespace depthcloud {

/// One zstd frame that says the size of its contents. Errors (stage pack): out_of_memory.
/// Thread-safety: share freely.
std::vector<std::uint8_t> zstd_compress(std::span<const std::uint8_t> bytes);

/// How many bytes a zstd frame says that it holds; empty where it says nothing or is none.
std::optional<std::uint64_t> zstd_content_size(std::span<const std::uint8_t> frame);

/// Decompresses one frame of exactly `size` bytes, which the caller has bounded; false where the
/// bytes are anything else. Thread-safety: share freely.
bool zstd_decompress(std::span<const std::uint8_t> frame, std::size_t size,
                     Buffer<std::uint8_t>& out);

}  // namespace depthcloud
