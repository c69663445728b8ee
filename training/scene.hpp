// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "random.hpp"
#include "texture.hpp"
#include "vec.hpp"

namespace train_builtin {

enum class Shape { ellipsoid, box, cylinder, tube, plane };

/// A unit shape (|p| <= 1, |x|,|y|,|z| <= 1, the same with a round section in xz, that without
/// caps and seen from inside too, or y <= 0), stretched by `half`, turned by `frame`, moved to
/// `center`.
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

/// A lamp, or the sun.
struct Light {
  Vec color{1, 1, 1};
  Vec place;            ///< where the lamp is, or the direction to the sun
  bool is_sun = false;  ///< infinitely far
};

/// One scene in metres, y up.
struct Scene {
  std::vector<Object> objects;
  Camera camera;
  std::vector<Light> lights;
  bool indoors = false;  ///< what is seen of the sky by reflection only is the room's light
  Vec ambient{0.4F, 0.4F, 0.4F};
  Vec sky_low{0.8F, 0.85F, 0.9F};
  Vec sky_high{0.3F, 0.5F, 0.85F};
  float clouds = 0;            ///< contrast of the sky's noise
  float haze_distance = 1e6F;  ///< where 63 % of the light is the haze's
  float exposure = 1;          ///< over that of an automatic camera
  bool shallow_focus = false;  ///< taken with a wide lens that is focused on what is near
  std::uint32_t seed = 0;
};

/// Which kinds of scenes are drawn how often: `broad` has all of them, `photo_like` has more of
/// what people photograph (rooms, close-ups with a blurred background).
enum class Mix { broad, photo_like };

/// A scene of any kind, drawn from `random` alone.
Scene random_scene(Random& random, Mix mix);

}  // namespace train_builtin
