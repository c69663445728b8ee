// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scene.hpp"
#include "solids.hpp"

namespace train_builtin {

// What scenes of all kinds are put together from. The camera looks along +z from above the origin.

constexpr float half_turn = 3.14159265F;
constexpr float degree = half_turn / 180;

float any_yaw(Random& random);
/// White with more red than blue, or less.
Vec tint(Random& random, float strength);

/// A point of the ground, from `near_limit` to `far_limit` metres ahead of the camera and inside
/// about its field of view, so that what is added is mostly seen.
Place ahead(Random& random, float near_limit, float far_limit, float spread = 1.1F);
/// Positive pitch looks down. Field of view and roll are drawn.
void aim_camera(Scene& scene, Random& random, float height, float pitch_degrees);

/// By the sun from any side, or by night.
void light_outdoors(Scene& scene, Random& random);
void light_night(Scene& scene, Random& random);
void light_indoors(Scene& scene, Random& random, Vec lamp);

Material ground_material(Random& random);
void add_ground(Scene& scene, Random& random);
/// Floor, ceiling and walls as half-spaces that look inwards, in the room's heading.
void add_walls(Scene& scene, Random& random, Vec low, Vec high, const Frame& heading);
/// Thin boxes on the walls: pictures, doors, windows, shelves.
void add_wall_things(Scene& scene, Random& random, Vec low, Vec high, const Frame& heading);
/// Behind a subject that is near: a room's walls, or the open. Lights the scene too.
void add_background(Scene& scene, Random& random);

}  // namespace train_builtin
