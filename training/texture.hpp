// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "random.hpp"
#include "vec.hpp"

namespace train_builtin {

enum class Pattern {
  plain,
  noise,
  checker,
  bricks,
  stripes,
  wood,
  spots,
  windows,
  marble,
  patches
};

/// A solid (three-dimensional) procedural texture and how it reflects light.
struct Material {
  Pattern pattern = Pattern::plain;
  Vec first{0.5F, 0.5F, 0.5F};   ///< linear colour
  Vec second{0.5F, 0.5F, 0.5F};  ///< the pattern's other colour
  float size = 1;                ///< of one repeat, world units
  float grain = 0.1F;            ///< contrast of the fine noise over the pattern
  float grain_size = 0.1F;       ///< of that noise, world units
  float gloss = 0;               ///< strength of the highlight
  float bump = 0;                ///< how much the grain's noise bends the normal
  float mirror = 0;              ///< share of the light that is reflected as by water or glass
  float glow = 0;                ///< light of its own
  std::uint32_t seed = 0;
};

Material random_material(Random& random, float object_size);

/// Smooth value noise in [0, 1].
float value_noise(Vec p, std::uint32_t seed);

/// How the surface's roughness bends the normal at a point, in the object's own coordinates.
Vec roughness(const Material& material, Vec point);

/// The colour at a point of the surface, in the object's own coordinates.
Vec albedo(const Material& material, Vec point);

}  // namespace train_builtin
