// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <depthcloud/image.hpp>

namespace depthcloud {

/// A PNG file of these pixels. Errors (stage file): out_of_memory, internal.
std::vector<std::uint8_t> write_png(const ImageView& image);

/// A PNG file of one 16-bit channel; `samples` holds width * height values, row-major. Errors as
/// above.
std::vector<std::uint8_t> write_gray16_png(const std::uint16_t* samples, int width, int height);

}  // namespace depthcloud
