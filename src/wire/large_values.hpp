// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/buffer.hpp>

namespace depthcloud {

/// The values of at least `least`, in their order.
Buffer<std::uint16_t> large_values(std::span<const std::uint16_t> values, std::uint16_t least);

}  // namespace depthcloud
