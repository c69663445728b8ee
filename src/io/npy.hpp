// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/depth_file.hpp>

namespace depthcloud {

/// True for the first bytes of a `.npy` file.
bool is_npy(std::span<const std::uint8_t> bytes) noexcept;

/// read_depth for `.npy`, format versions 1.0, 2.0 and 3.0
/// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
Plane read_npy(std::span<const std::uint8_t> bytes, const DepthFileOptions& options);

}  // namespace depthcloud
