// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "io/exr_header.hpp"

namespace depthcloud {

/// Throws Error{corrupt_data, stage file} unless the file has all chunks of the picture, and each
/// of those that are stored plainly, by run lengths or by zlib unpacks to the bytes of its pixels:
/// of fewer, OpenEXR fills the rest of the pixels with what its memory held before. It checks the
/// other compressions itself.
void check_exr_chunks(std::span<const std::uint8_t> file, const ExrHeader& header);

}  // namespace depthcloud
