// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/depth_file.hpp>

namespace depthcloud {

/// read_depth for 16-bit grayscale PNG.
Plane read_png16(std::span<const std::uint8_t> bytes, const DepthFileOptions& options);

}  // namespace depthcloud
