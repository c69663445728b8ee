// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "scene.hpp"

namespace train_builtin {

/// A photo and its true depth.
struct Picture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;     ///< interleaved, gamma-coded, exposed automatically
  std::vector<float> inverse_depth;  ///< 1 / z in 1/metres, z along the optical axis; 0: sky
  bool shallow_focus = false;        ///< the scene's
};

/// Casts one ray a pixel, and one to the light. A pure function of the scene.
Picture render(const Scene& scene, int width, int height);

}  // namespace train_builtin
