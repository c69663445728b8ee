// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/depth_file.hpp>

namespace depthcloud {

/// True for the first bytes of a `.pgm` file, binary or text.
bool is_pgm(std::span<const std::uint8_t> bytes) noexcept;

/// read_depth for `.pgm` (https://netpbm.sourceforge.net/doc/pgm.html).
Plane read_pgm(std::span<const std::uint8_t> bytes, const DepthFileOptions& options);

}  // namespace depthcloud
