// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <depthcloud/depth_map.hpp>

namespace depthcloud {

/// Depth of one pixel of a DepthView16 in its unit, rounded once: 3000 mm are 3. 0 stays 0: no
/// depth.
inline float depth_of_steps(std::uint16_t steps, double scale) {
  return static_cast<float>(steps * scale);
}

/// The depth plane of a valid view. A plain loop, so that it becomes SIMD.
inline void to_floats(const DepthView16& depth, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = depth_of_steps(depth.depth[i], depth.scale);
  }
}

}  // namespace depthcloud
