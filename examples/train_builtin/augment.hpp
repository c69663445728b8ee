// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "random.hpp"
#include "render.hpp"

namespace train_builtin {

/// What the network learns from: one photo and what it should say.
struct Sample {
  std::vector<float> rgb;            ///< [H, W, 3] in [0, 1]
  std::vector<float> inverse_depth;  ///< [H, W]; its median over what is not sky is 1; 0: sky
};

/// A part of the picture at the given size, mirrored or not, as some camera would have taken it:
/// exposure, colour balance, blur, noise, JPEG.
Sample augmented(const Picture& picture, int width, int height, Random& random);

/// The whole picture at the given size, unchanged: for measuring.
Sample plain(const Picture& picture, int width, int height);

}  // namespace train_builtin
