// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace depthcloud {

/// One view of a scene as a network of unknown unit and one of metres see it, on one grid.
struct TwoDepths {
  std::span<const float> depth;       ///< of the scene's unit
  std::span<const float> confidence;  ///< of that
  std::span<const float> metres;      ///< of the metric network
  std::span<const std::uint8_t> sky;  ///< of the metric network: 1 is sky
};

/// The metres of one unit of a scene.
struct MetricAlignment {
  double scale = 0;
  std::size_t pixels = 0;  ///< that were compared
  double error = 0;        ///< sqrt(sum (metres - scale depth)^2 / sum metres^2) over these
  std::string obstacle{};  ///< why there is no scale; empty: there is one
};

/// The value of a metric network's sky map from which a pixel does not count as ground.
inline constexpr double sky_of_alignment = 0.3;

/// Returns the one scale of all views that Depth Anything 3 nested takes (Lin et al. 2025): least
/// squares of metres ~ scale * depth, in double, over the pixels that are not sky, whose confidence
/// is at least the median of those, with more than 1 cm and a depth above 0.001. No scale is found
/// where hardly a pixel is not sky, fewer than 100 or 0.1 % of the pixels are left, or the scale is
/// outside of 0.001 to 1000. Throws std::bad_alloc.
MetricAlignment align_to_metres(std::span<const TwoDepths> views);

/// The depth that the sky of these views gets: the 0.99-quantile of the depth of all other pixels,
/// interpolated, of at most 200 m. 0: all is sky. Throws std::bad_alloc.
float sky_depth(std::span<const TwoDepths> views, double scale);

}  // namespace depthcloud
