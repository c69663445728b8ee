// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/depth_file.hpp>

namespace depthcloud {

/// read_depth for `.npz`, a zip archive of `.npy` files
/// (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT), stored or deflated. What an array
/// unpacks to is known from its own header before it is unpacked.
Plane read_npz(std::span<const std::uint8_t> bytes, const DepthFileOptions& options);

}  // namespace depthcloud
