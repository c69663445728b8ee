// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "random.hpp"
#include "texture.hpp"
#include "vec.hpp"

namespace train_builtin {

enum class Shape { ellipsoid, box, cylinder, plane };

/// A unit shape (|p| <= 1, |x|,|y|,|z| <= 1, the same with a round section in xz, or y <= 0),
/// stretched by `half`, turned by `frame`, moved to `center`.
struct Object {
  Shape shape = Shape::box;
  Vec center;
  Vec half{1, 1, 1};
  Frame frame;
  Material material;
  float bound = 0;  ///< radius of a sphere around it; infinite for a plane
};

/// A pinhole camera; rows of `frame` are right, up and forward.
struct Camera {
  Vec position;
  Frame frame;
  float tan_half_width = 0.6F;  ///< half the horizontal field of view
};

/// One scene in metres, y up.
struct Scene {
  std::vector<Object> objects;
  Camera camera;
  Vec sun_direction{0, 1, 0};  ///< to the sun, or to `lamp` when that is used
  Vec lamp;
  bool has_lamp = false;  ///< a point light instead of the sun
  Vec light_color{1, 1, 1};
  Vec ambient{0.4F, 0.4F, 0.4F};
  Vec sky_low{0.8F, 0.85F, 0.9F};
  Vec sky_high{0.3F, 0.5F, 0.85F};
  float clouds = 0;            ///< contrast of the sky's noise
  float haze_distance = 1e6F;  ///< where 63 % of the light is the haze's
  std::uint32_t seed = 0;
};

/// A room, street, landscape, close-up or clutter of solids, drawn from `random` alone.
Scene random_scene(Random& random);

}  // namespace train_builtin
