// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/depth_file.hpp>

namespace depthcloud {

/// read_depth for `.pfm` (https://www.pauldebevec.com/Research/HDR/PFM/).
Plane read_pfm(std::span<const std::uint8_t> bytes, const DepthFileOptions& options);

}  // namespace depthcloud
