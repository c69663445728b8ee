// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace depthcloud {

/// For x, y and z: the sign bit where the coordinate changes its sign, else 0.
using SignMasks = std::array<std::uint32_t, 3>;

/// out[i] = xyz[i] with its sign changed as the masks say. xyz begins with an x; `out` holds as
/// many floats and does not overlap it.
void flip_signs(std::span<const float> xyz, const SignMasks& signs, float* out);

/// The Highway targets that this is compiled for, one bit each: the test runs all of them.
std::int64_t flip_signs_targets();

}  // namespace depthcloud
