// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/depth_file.hpp>

namespace depthcloud {

/// True for the first bytes of a PNG file.
bool is_png(std::span<const std::uint8_t> bytes) noexcept;

/// read_depth for 16-bit grayscale PNG.
Plane read_png16(std::span<const std::uint8_t> bytes, const DepthFileOptions& options);

}  // namespace depthcloud
