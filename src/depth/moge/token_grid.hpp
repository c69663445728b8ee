// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "depth/grid.hpp"

namespace depthcloud {

/// The number of tokens of a resolution level, 0 to 9; `range` are those of levels 0 and 9.
int tokens_of_level(int level, const std::array<int, 2>& range);

/// The number of tokens with which the longer side of what the network sees has so many pixels.
int tokens_of_longer_side(int pixels, const Grid& image);

/// The patches into which an image is divided: about `tokens`, in rows and columns by its aspect
/// ratio, ties to even. At least one row and one column, and no more of either than tokens.
Grid token_grid(int tokens, const Grid& image);

/// The largest map that is made of any image, in pixels.
inline constexpr double max_moge_pixels = 16'000'000;

/// The size of the depth map of an image: its own, or where it has more than max_moge_pixels the
/// largest size of its shape that has not.
Grid moge_map_size(const Grid& image);

/// Half the width and half the height of an image, in units of half its diagonal.
struct ViewPlane {
  double width = 0;
  double height = 0;
};
ViewPlane view_plane(const Grid& image);

/// The coordinates of `count` evenly spaced pixel centres of [-extent, extent], in f32 throughout.
std::vector<float> pixel_centres(int count, double extent);

}  // namespace depthcloud
