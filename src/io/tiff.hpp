// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/depth_file.hpp>

namespace depthcloud {

/// read_depth for `.tiff`, with libtiff. Defined in builds that have it.
Plane read_tiff(std::span<const std::uint8_t> bytes, const DepthFileOptions& options);

}  // namespace depthcloud
