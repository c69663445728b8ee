// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <depthcloud/image.hpp>

namespace depthcloud {

/// The image as a baseline JPEG: YCbCr, its colour at half the resolution (4:2:0); `quality` from 1
/// to 100. Errors (stage pack): limit_exceeded (a side above 65,500 pixels), out_of_memory.
/// Thread-safety: share freely.
std::vector<std::uint8_t> encode_jpeg(const ImageView& image, int quality);

}  // namespace depthcloud
