// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "wire/flip_signs.hpp"

namespace depthcloud {

/// A box of 65,536 steps along each axis, in which coordinates are whole numbers of steps:
/// x = origin + q scale. Its corner is itself a whole number of steps from zero, so that one fused
/// multiply-add rounds a coordinate exactly.
struct PointBox {
  std::array<double, 3> origin{};
  double scale = 1;
};

/// The smallest such box around points (x y z interleaved) after their signs have changed. Empty
/// clouds have the unit box. A coordinate that is not finite is Error{invalid_argument, pack}.
/// Every SIMD target makes the same box.
PointBox point_box(std::span<const float> xyz, const SignMasks& signs);

/// out[i] = the step nearest to xyz[i], sign changed, in the box that point_box() made of it: off
/// by at most half a step, the same on every SIMD target. xyz begins with an x; `out` holds as many
/// values.
void to_box(std::span<const float> xyz, const SignMasks& signs, const PointBox& box,
            std::uint16_t* out);

/// xyz[i] = the coordinate of a step, of which `steps` holds two bytes each, little-endian.
void from_box(std::span<const std::uint8_t> steps, const PointBox& box, float* xyz);

/// The Highway targets that this is compiled for, one bit each: the test runs all of them.
std::int64_t box_points_targets();

}  // namespace depthcloud
