// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "random.hpp"
#include "render.hpp"

namespace train_builtin {

/// What the network learns from: one photo and what it should say.
struct Sample {
  std::vector<float> rgb;  ///< [H, W, 3] in [0, 1]
  std::vector<float>
      nearness;            ///< [H, W]: inverse depth, its 4 % quantile at 0, its 96 % at 1, clamped
  std::vector<float> sky;  ///< [H, W]: 1 for sky
  float range = 0;         ///< the 4 % quantile over the 96 %
};

/// A part of the picture at the given size, mirrored or not, as some camera would have taken it
/// (focus, motion, exposure, colour balance, noise, JPEG) or some hand have drawn it.
Sample augmented(const Picture& picture, int width, int height, Random& random);

/// True when there is next to nothing to be seen: fog, a wall, the sky.
bool is_blank(const Sample& sample);

/// The middle of the picture at the given size, unchanged: for measuring.
Sample plain(const Picture& picture, int width, int height);

}  // namespace train_builtin
