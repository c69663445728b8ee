// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace depthcloud {

/// Depth in equal steps of its logarithm: z = near 2^(level step). A step of 2 log2(1 + e) keeps
/// every z within the share e of itself.
struct LogScale {
  double near = 1;
  double step = 1;
};

/// The level of a pixel without depth.
inline constexpr std::uint16_t no_level = 0xFFFF;

/// The depths that are finite and positive, denormals among them: the least, the greatest, how
/// many. Without any, the least is the greatest float and the greatest is 0.
struct DepthBounds {
  float nearest = 0;
  float farthest = 0;
  std::size_t count = 0;
};
DepthBounds depth_bounds(std::span<const float> depth);

/// The level nearest to each depth, in log2 within 3e-7 of exact rounding and the same on every
/// SIMD target; no_level where a depth is not finite and positive. `scale.near` is the nearest
/// depth, and no level reaches no_level.
void to_levels(std::span<const float> depth, const LogScale& scale, std::uint16_t* levels);

/// The Highway targets that this is compiled for, one bit each: the test runs all of them.
std::int64_t log_depth_targets();

}  // namespace depthcloud
