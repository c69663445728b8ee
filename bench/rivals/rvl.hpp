// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rivals {

/// RVL, after A. D. Wilson, "Fast Lossless Depth Image Compression", ISS 2017: runs of zeros and of
/// values take turns; a value is the zigzag difference from the one before; numbers go out in
/// nibbles of three bits and one that says whether more follow.
std::vector<std::uint32_t> rvl_encode(std::span<const std::uint16_t> depth);
void rvl_decode(std::span<const std::uint32_t> words, std::span<std::uint16_t> depth);

}  // namespace rivals
