// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scene.hpp"

namespace train_builtin {

/// Things that stand on the ground, made of a few solids. `foot` is the middle of their base, `yaw`
/// their heading.
struct Place {
  Vec foot;
  float yaw = 0;
};

Object make_object(Shape shape, Vec center, Vec half, const Frame& frame, const Material& material);

/// A horizontal or slanted half-space: everything below `point` along the frame's y axis.
Object make_plane(Vec point, const Frame& frame, const Material& material);

void add_table(Scene& scene, Random& random, const Place& place, float height);
void add_chair(Scene& scene, Random& random, const Place& place);
void add_cabinet(Scene& scene, Random& random, const Place& place, float max_height);
void add_lamp(Scene& scene, Random& random, const Place& place);
void add_person(Scene& scene, Random& random, const Place& place);
void add_tree(Scene& scene, Random& random, const Place& place);
void add_car(Scene& scene, Random& random, const Place& place);
void add_pole(Scene& scene, Random& random, const Place& place);
void add_building(Scene& scene, Random& random, const Place& place);
void add_rock(Scene& scene, Random& random, const Place& place, float size);
/// A cup, bottle, ball, box or plate of about this size.
void add_small_thing(Scene& scene, Random& random, const Place& place, float size);
/// Two wheels with spokes, a frame and a handlebar, or a motorcycle.
void add_bike(Scene& scene, Random& random, const Place& place);
/// A beast or a bird whose body is at `center`; `size` is half its length.
void add_animal(Scene& scene, Random& random, Vec center, float size);
/// The head of a beast that looks along the frame's z; `size` is half its height.
void add_face(Scene& scene, Random& random, Vec center, float size, const Frame& frame);
/// Any solid, turned at random, about its centre.
void add_solid(Scene& scene, Random& random, Vec center, float size);

}  // namespace train_builtin
