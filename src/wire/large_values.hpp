// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/buffer.hpp>

namespace depthcloud {

/// The values not below `least`, in their order.
Buffer<std::uint16_t> large_values(std::span<const std::uint16_t> values, std::uint16_t least);

/// The Highway targets that this is compiled for, one bit each: the test runs all of them.
std::int64_t large_values_targets();

}  // namespace depthcloud
