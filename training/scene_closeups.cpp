// SPDX-License-Identifier: Apache-2.0
#include "scene_closeups.hpp"

#include "scene_parts.hpp"

namespace train_builtin {
namespace {

/// Puts the camera somewhere without turning what it sees into the ground's rule.
void aim_freely(Scene& scene, Random& random) {
  aim_camera(scene, random, random.log_uniform(0.15F, 3.0F), random.normal() * 15);
}

/// A point that is seen at (x, y), each from -1 to 1 inside the picture, at this depth.
Vec seen_at(const Scene& scene, float x, float y, float depth) {
  const float half = scene.camera.tan_half_width;
  return scene.camera.position +
         scene.camera.frame.to_world({x * half * depth, y * half * 0.75F * depth, depth});
}

Vec seen_anywhere(const Scene& scene, Random& random, float depth) {
  return seen_at(scene, random.uniform(-0.9F, 0.9F), random.uniform(-0.9F, 0.9F), depth);
}

/// How large a thing is at this depth that fills this share of the picture's width.
float size_at(const Scene& scene, float depth, float share) {
  return share * scene.camera.tan_half_width * depth;
}

Frame any_frame(Random& random) {
  return rotation(any_yaw(random), any_yaw(random) / 2, any_yaw(random));
}

/// Facing the camera, more or less.
Frame facing(const Scene& scene, Random& random, float spread) {
  return compose(scene.camera.frame, rotation(half_turn + random.normal() * spread,
                                              random.normal() * spread, any_yaw(random)));
}

Material leaf_material(Random& random, float size) {
  Material m = random_material(random, size);
  if (random.chance(0.75F)) {
    m.first = {random.uniform(0.03F, 0.35F), random.uniform(0.12F, 0.5F), random.uniform(0, 0.1F)};
    m.second = m.first * random.uniform(0.5F, 1.6F);
  }
  m.pattern = random.chance(0.5F) ? Pattern::plain : Pattern::stripes;
  m.mirror = 0;
  return m;
}

/// Petals around a middle, seen from the side that the frame's z points to.
void add_flower(Scene& scene, Random& random, Vec center, float radius, const Frame& frame) {
  Material petal = random_material(random, radius);
  petal.mirror = 0;
  if (random.chance(0.6F)) petal.pattern = Pattern::plain;
  Material middle = random_material(random, radius * 0.3F);
  middle.bump = 1;
  middle.grain_size = radius * 0.06F;
  const int petals = random.between(4, 16);
  const float lift = random.uniform(-0.4F, 0.9F);
  const float width = random.uniform(0.6F, 1.3F) * half_turn / static_cast<float>(petals);
  const int rings = petals > 8 && random.chance(0.5F) ? 2 : 1;
  for (int i = 0; i < petals * rings; ++i) {
    const int ring = i / petals;
    const float angle = 2 * half_turn * (static_cast<float>(i) + 0.5F * static_cast<float>(ring)) /
                            static_cast<float>(petals) +
                        random.normal() * 0.06F;
    const float bend = lift + 0.35F * static_cast<float>(ring) + random.normal() * 0.1F;
    const Frame spoke = compose(frame, rotation(0, 0, angle));
    const Frame petal_frame = compose(spoke, rotation(0, bend));
    const float reach = radius * (ring == 0 ? 0.55F : 0.4F);
    scene.objects.push_back(make_object(Shape::ellipsoid, center + petal_frame.y * reach,
                                        {width * radius * 0.5F, radius * 0.5F, radius * 0.05F},
                                        petal_frame, petal));
  }
  const float core = radius * random.uniform(0.1F, 0.35F);
  scene.objects.push_back(make_object(Shape::ellipsoid, center + frame.z * (core * 0.4F),
                                      {core, core, core * 0.6F}, frame, middle));
}

void add_stem(Scene& scene, Random& random, Vec from, float length, float thickness,
              const Material& material) {
  const Frame frame = rotation(any_yaw(random), random.normal() * 0.25F);
  scene.objects.push_back(make_object(Shape::cylinder, from - frame.y * (length / 2),
                                      {thickness, length / 2, thickness}, frame, material));
}

/// Lamps and gleams far off in the dark or in leaves: bright, and large once they are out of focus.
void add_distant_lights(Scene& scene, Random& random, float depth) {
  const float away = depth * random.log_uniform(6.0F, 30.0F);
  Material wall = random_material(random, away * 0.3F);
  const float dim = random.log_uniform(0.05F, 1.0F);
  wall.first = wall.first * dim;
  wall.second = wall.second * dim;
  const Frame back = compose(scene.camera.frame, {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}});
  scene.objects.push_back(make_plane(seen_at(scene, 0, 0, away), back, wall));
  const int lamps = random.between(6, 40);
  const float share = random.log_uniform(0.02F, 0.12F);
  for (int i = 0; i < lamps; ++i) {
    Material lamp = random_material(random, 1);
    lamp.pattern = Pattern::plain;
    lamp.glow = random.log_uniform(0.3F, 3.0F);
    const float z = away * random.uniform(0.5F, 0.95F);
    const float size = size_at(scene, z, share * random.uniform(0.5F, 1.5F));
    scene.objects.push_back(make_object(Shape::ellipsoid, seen_anywhere(scene, random, z),
                                        {size, size, size}, scene.camera.frame, lamp));
  }
}

/// What is far behind a near subject: the open, a room, a wall, or something plain.
void add_far_behind(Scene& scene, Random& random, float depth) {
  const float kind = random.unit();
  if (kind < 0.45F) return add_background(scene, random);
  light_outdoors(scene, random);
  if (kind < 0.52F) return;  // the sky alone
  if (kind < 0.6F) return add_distant_lights(scene, random, depth);
  Material wall = random_material(random, depth);
  if (random.chance(0.3F)) wall.first = wall.second = wall.first * 0.08F;
  const float away = depth * random.log_uniform(1.3F, 6.0F);
  const Frame frame = compose(scene.camera.frame, rotation(random.normal() * 0.4F, 0, 0));
  // The half-space behind a plane that looks back at the camera.
  const Frame back = compose(frame, {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}});
  scene.objects.push_back(make_plane(seen_at(scene, 0, 0, away), back, wall));
  if (kind < 0.8F) return;
  const int blobs = random.between(3, 12);
  for (int i = 0; i < blobs; ++i) {
    const float z = random.uniform(depth * 1.2F, away);
    add_solid(scene, random, seen_anywhere(scene, random, z),
              size_at(scene, z, random.uniform(0.1F, 0.4F)));
  }
}

}  // namespace

/// One or a few flowers, the largest near, anywhere in the picture.
Scene flowers(Random& random) {
  Scene scene;
  aim_freely(scene, random);
  const float depth = random.log_uniform(0.15F, 0.8F);
  add_far_behind(scene, random, depth);
  const Material green = leaf_material(random, 0.05F);
  const int count = random.chance(0.5F) ? 1 : random.between(2, 7);
  for (int i = 0; i < count; ++i) {
    const float z = depth * (i == 0 ? 1.0F : random.log_uniform(1.1F, 4.0F));
    const Vec at = seen_anywhere(scene, random, z) * 0.75F + seen_at(scene, 0, 0, z) * 0.25F;
    const float radius = size_at(scene, z, random.uniform(0.2F, 0.75F));
    add_flower(scene, random, at, radius, facing(scene, random, 0.5F));
    if (random.chance(0.7F)) add_stem(scene, random, at, radius * 8, radius * 0.06F, green);
  }
  const int leaves = random.between(0, 10);
  for (int i = 0; i < leaves; ++i) {
    const float z = depth * random.log_uniform(0.8F, 3.0F);
    const float size = size_at(scene, z, random.uniform(0.1F, 0.4F));
    scene.objects.push_back(make_object(Shape::ellipsoid, seen_anywhere(scene, random, z),
                                        {size * random.uniform(0.15F, 0.5F), size, size * 0.04F},
                                        any_frame(random), leaf_material(random, size)));
  }
  return scene;
}

/// Leaves or blades at many depths; the nearest may hang from the top.
Scene foliage(Random& random) {
  Scene scene;
  aim_freely(scene, random);
  const float depth = random.log_uniform(0.3F, 3.0F);
  add_far_behind(scene, random, depth * 3);
  const bool blades = random.chance(0.4F);
  const bool from_top = random.chance(0.4F);
  const int count = random.between(15, 70);
  const Material common = leaf_material(random, depth * 0.3F);
  const float share = random.uniform(0.08F, 0.35F);
  for (int i = 0; i < count; ++i) {
    const float z = depth * random.log_uniform(0.5F, 3.5F);
    const float size = size_at(scene, z, share * random.uniform(0.6F, 1.6F));
    const Material material = random.chance(0.6F) ? common : leaf_material(random, size);
    const float y = from_top ? random.uniform(-0.2F, 1.2F) : random.uniform(-1.2F, 0.6F);
    const Vec at = random.chance(0.6F) ? seen_at(scene, random.uniform(-1.1F, 1.1F), y, z)
                                       : seen_anywhere(scene, random, z);
    if (blades) {
      const Frame lean = rotation(any_yaw(random), random.normal() * 0.35F, random.normal() * 0.2F);
      scene.objects.push_back(make_object(
          Shape::ellipsoid, at, {size * 0.06F, size * 2.2F, size * 0.03F}, lean, material));
    } else {
      scene.objects.push_back(make_object(Shape::ellipsoid, at,
                                          {size * random.uniform(0.3F, 0.7F), size, size * 0.05F},
                                          any_frame(random), material));
    }
  }
  // Some stand out before the others and are not told from them by colour.
  const int before = random.chance(0.5F) ? random.between(1, 4) : 0;
  for (int i = 0; i < before; ++i) {
    const float z = depth * random.uniform(0.2F, 0.4F);
    const float size = size_at(scene, z, random.uniform(0.3F, 0.8F));
    scene.objects.push_back(make_object(Shape::ellipsoid, seen_anywhere(scene, random, z),
                                        {size * random.uniform(0.2F, 0.7F), size, size * 0.04F},
                                        facing(scene, random, 0.6F), common));
  }
  if (random.chance(0.35F)) {
    add_solid(scene, random, seen_anywhere(scene, random, depth * 0.5F),
              size_at(scene, depth * 0.5F, random.uniform(0.15F, 0.4F)));
  }
  return scene;
}

/// A beast or bird before something far: standing, jumping or in flight, or its head alone.
Scene animals(Random& random) {
  Scene scene;
  aim_freely(scene, random);
  const float depth = random.log_uniform(0.5F, 5.0F);
  add_far_behind(scene, random, depth * 1.4F);
  const int count = random.chance(0.65F) ? 1 : random.between(2, 4);
  for (int i = 0; i < count; ++i) {
    const float z = depth * (i == 0 ? 1.0F : random.log_uniform(1.1F, 3.0F));
    const float share =
        random.chance(0.3F) ? random.uniform(0.7F, 1.3F) : random.uniform(0.2F, 0.7F);
    if (i == 0 && random.chance(0.25F)) {
      const float size = size_at(scene, z, random.uniform(0.4F, 1.1F));
      const Frame frame =
          compose(scene.camera.frame, rotation(half_turn + random.normal() * 0.5F,
                                               random.normal() * 0.25F, random.normal() * 0.2F));
      add_face(scene, random,
               seen_anywhere(scene, random, z) * 0.4F + seen_at(scene, 0, 0, z) * 0.6F, size,
               frame);
      continue;
    }
    add_animal(scene, random,
               seen_anywhere(scene, random, z) * 0.7F + seen_at(scene, 0, 0, z) * 0.3F,
               size_at(scene, z, share));
  }
  return scene;
}

/// A rack seen from the front: boards over each other, things on them.
Scene shelves(Random& random) {
  Scene scene;
  const float away = random.log_uniform(0.8F, 3.5F);
  aim_camera(scene, random, random.uniform(0.8F, 1.8F), random.normal() * 8);
  const Vec low{-random.uniform(1.2F, 4.0F), 0, -1.5F};
  const Vec high{random.uniform(1.2F, 4.0F), random.uniform(2.4F, 3.2F),
                 away + random.uniform(0.4F, 1.5F)};
  const Frame heading = rotation(random.normal() * 0.35F);
  add_walls(scene, random, low, high, heading);
  light_indoors(scene, random,
                {random.uniform(-1, 1), high.y - 0.2F, random.uniform(-0.5F, away * 0.6F)});
  const Material board = random_material(random, 0.5F);
  const Material back = random_material(random, 1.0F);
  const float depth = random.uniform(0.12F, 0.3F);
  const float width = random.uniform(0.5F, 1.8F);
  const float step = random.uniform(0.25F, 0.5F);
  const Vec middle{random.uniform(-0.5F, 0.5F), 0, away + depth};
  const int boards = random.between(3, 7);
  const float top = static_cast<float>(boards) * step;
  const auto box = [&](Vec at, Vec half, const Material& material) {
    scene.objects.push_back(
        make_object(Shape::box, heading.to_world(middle + at), half, heading, material));
  };
  if (random.chance(0.6F)) box({0, top / 2, depth}, {width, top / 2, 0.01F}, back);
  for (const float side : {-1.0F, 1.0F})
    box({side * width, top / 2, 0}, {0.02F, top / 2, depth}, board);
  for (int i = 0; i <= boards; ++i) {
    const float y = static_cast<float>(i) * step;
    box({0, y, 0}, {width, 0.015F, depth}, board);
    const int things = i == boards ? random.between(0, 2) : random.between(1, 7);
    for (int k = 0; k < things; ++k) {
      const Vec foot = middle + Vec{random.uniform(-0.9F, 0.9F) * width, y + 0.015F,
                                    random.uniform(-0.5F, 0.5F) * depth};
      const float size = step * random.uniform(0.25F, 0.6F);
      add_small_thing(scene, random, {heading.to_world(foot), any_yaw(random)}, size);
    }
  }
  const int before = random.between(0, 3);
  for (int i = 0; i < before; ++i) {
    const Place place = ahead(random, away * 0.4F, away * 0.9F, 0.8F);
    if (random.chance(0.4F)) {
      add_bike(scene, random, place);
    } else if (random.chance(0.5F)) {
      add_chair(scene, random, place);
    } else {
      add_person(scene, random, place);
    }
  }
  return scene;
}

/// The open or another room through a hole: a window, a door, an arch or a tunnel.
Scene view_out(Random& random) {
  Scene scene;
  aim_camera(scene, random, random.uniform(0.8F, 1.8F), random.normal() * 6);
  const float depth = random.log_uniform(0.5F, 4.0F);
  light_outdoors(scene, random);
  add_ground(scene, random);
  const int things = random.between(2, 8);
  for (int i = 0; i < things; ++i) {
    const Place place = ahead(random, depth * 1.6F, depth * 12);
    switch (random.below(4)) {
      case 0:
        add_building(scene, random, {place.foot + Vec{0, 0, 8}, place.yaw});
        break;
      case 1:
        add_person(scene, random, place);
        break;
      default:
        add_tree(scene, random, place);
    }
  }
  const Material wall = random_material(random, 1.0F);
  const Frame frame = compose(scene.camera.frame, rotation(random.normal() * 0.3F));
  if (random.chance(0.4F)) {  // a tunnel around the camera
    const float radius = depth * scene.camera.tan_half_width * random.uniform(0.4F, 1.0F);
    const Frame along{frame.x, frame.z, frame.y * -1.0F};
    scene.objects.push_back(make_object(Shape::tube, scene.camera.position,
                                        {radius, depth * 1.4F, radius}, along, wall));
    return scene;
  }
  const Vec center =
      seen_at(scene, random.uniform(-0.3F, 0.3F), random.uniform(-0.3F, 0.3F), depth);
  const Vec hole{size_at(scene, depth, random.uniform(0.3F, 0.8F)),
                 size_at(scene, depth, random.uniform(0.25F, 0.7F)), 0};
  const float thick = depth * random.uniform(0.03F, 0.3F);
  const float wide = 4 * depth;
  const auto box = [&](Vec at, Vec half, const Material& material) {
    scene.objects.push_back(
        make_object(Shape::box, center + frame.to_world(at), half, frame, material));
  };
  box({hole.x + wide, 0, 0}, {wide, wide, thick}, wall);
  box({-hole.x - wide, 0, 0}, {wide, wide, thick}, wall);
  box({0, hole.y + wide, 0}, {hole.x, wide, thick}, wall);
  if (random.chance(0.7F)) box({0, -hole.y - wide, 0}, {hole.x, wide, thick}, wall);
  const int bars = random.between(0, 4);
  const Material bar = random_material(random, 0.2F);
  for (int i = 0; i < bars; ++i) {
    const float x = hole.x * (2 * static_cast<float>(i + 1) / static_cast<float>(bars + 1) - 1);
    box({x, 0, 0}, {depth * 0.015F, hole.y, depth * 0.015F}, bar);
  }
  if (bars > 0) box({0, 0, 0}, {hole.x, depth * 0.015F, depth * 0.015F}, bar);
  return scene;
}

/// Things that hang in or fly through the upper part of a landscape, a street or a room.
Scene in_the_air(Random& random) {
  Scene scene;
  aim_camera(scene, random, random.uniform(0.8F, 4.0F), random.normal() * 8 - 3);
  add_background(scene, random);
  const float depth = random.log_uniform(0.4F, 2.5F);
  const int count = random.between(1, 6);
  const Material leaf = leaf_material(random, depth * 0.1F);
  for (int i = 0; i < count; ++i) {
    const float z = depth * random.log_uniform(0.8F, 2.0F);
    const Vec at = seen_at(scene, random.uniform(-1, 1), random.uniform(-0.2F, 1.0F), z);
    const float size = size_at(scene, z, random.uniform(0.1F, 0.5F));
    switch (random.below(5)) {
      case 0:
        add_animal(scene, random, at, size);
        break;
      case 1: {  // a branch with leaves, from the edge
        const Frame along = rotation(any_yaw(random), random.normal() * 0.2F,
                                     half_turn / 2 + random.normal() * 0.5F);
        scene.objects.push_back(make_object(Shape::cylinder, at,
                                            {size * 0.05F, size * 3, size * 0.05F}, along,
                                            random_material(random, size)));
        for (int k = 0; k < 10; ++k) {
          const Vec spot = at + along.y * (random.uniform(-2.5F, 2.5F) * size) +
                           Vec{random.normal(), random.normal(), random.normal()} * (size * 0.3F);
          scene.objects.push_back(make_object(Shape::ellipsoid, spot,
                                              {size * 0.2F, size * 0.4F, size * 0.03F},
                                              any_frame(random), leaf));
        }
        break;
      }
      case 2: {  // a lamp or sign on its rope
        const float rope = 2 * size;
        scene.objects.push_back(make_object(Shape::cylinder, at + Vec{0, rope, 0},
                                            {size * 0.03F, rope, size * 0.03F}, rotation(0), leaf));
        add_solid(scene, random, at, size * 0.8F);
        break;
      }
      default:
        add_solid(scene, random, at, size);
    }
  }
  return scene;
}

/// Buildings, trees and stairs from below, or the ground from above.
Scene up_or_down(Random& random) {
  Scene scene;
  if (random.chance(0.5F)) {
    aim_camera(scene, random, random.uniform(0.8F, 1.8F), -random.uniform(15, 60));
    light_outdoors(scene, random);
    add_ground(scene, random);
    const int things = random.between(2, 6);
    for (int i = 0; i < things; ++i) {
      const Place place = ahead(random, 3, 20);
      if (random.chance(0.6F)) {
        add_building(scene, random, {place.foot + Vec{0, 0, 9}, place.yaw});
      } else {
        add_tree(scene, random, place);
      }
    }
    const int beams = random.between(0, 5);
    for (int i = 0; i < beams; ++i) {
      const float z = random.log_uniform(1.5F, 6);
      const Vec half{size_at(scene, z, 2), size_at(scene, z, 0.06F), size_at(scene, z, 0.15F)};
      scene.objects.push_back(make_object(Shape::box, seen_anywhere(scene, random, z), half,
                                          any_frame(random), random_material(random, 1)));
    }
    return scene;
  }
  aim_camera(scene, random, random.log_uniform(0.5F, 4.0F), random.uniform(40, 88));
  light_outdoors(scene, random);
  add_ground(scene, random);
  const float reach = scene.camera.position.y;
  const int things = random.between(1, 8);
  for (int i = 0; i < things; ++i) {
    const Vec foot{random.normal() * reach * 0.4F, 0, reach * random.uniform(0.0F, 1.0F)};
    add_small_thing(scene, random, {foot, any_yaw(random)}, reach * random.log_uniform(0.1F, 0.6F));
  }
  return scene;
}

/// Things of all sizes before each other, each layer anywhere.
Scene layers(Random& random) {
  Scene scene;
  aim_freely(scene, random);
  float depth = random.log_uniform(0.3F, 2.0F);
  add_far_behind(scene, random, depth * 4);
  const int count = random.between(2, 6);
  for (int i = 0; i < count; ++i) {
    const float size = size_at(scene, depth, random.uniform(0.15F, 0.7F));
    const Vec at = seen_anywhere(scene, random, depth);
    if (random.chance(0.3F)) {
      add_person(scene, random, {at - Vec{0, random.uniform(0.6F, 1.6F), 0}, any_yaw(random)});
    } else {
      add_solid(scene, random, at, size);
    }
    depth *= random.uniform(1.15F, 1.8F);
  }
  return scene;
}

/// Still water that shows what stands around it.
Scene waterside(Random& random) {
  Scene scene;
  aim_camera(scene, random, random.log_uniform(0.5F, 5.0F), random.normal() * 5 + 2);
  light_outdoors(scene, random);
  Material water = random_material(random, 3);
  water.pattern = Pattern::plain;
  water.first = Vec{0.03F, 0.06F, 0.08F};
  water.mirror = random.uniform(0.5F, 0.95F);
  water.bump = random.chance(0.6F) ? random.uniform(0.02F, 0.15F) : 0;
  water.grain_size = random.log_uniform(0.1F, 1);
  scene.objects.push_back(make_plane({0, 0, 0}, rotation(0), water));
  const int things = random.between(2, 9);
  for (int i = 0; i < things; ++i) {
    const Place place = ahead(random, 4, 60);
    switch (random.below(4)) {
      case 0:
        add_rock(scene, random, place, random.log_uniform(0.3F, 3.0F));
        break;
      case 1:
        add_building(scene, random, {place.foot + Vec{0, 0, 9}, place.yaw});
        break;
      case 2:
        add_pole(scene, random, place);
        break;
      default:
        add_tree(scene, random, place);
    }
  }
  return scene;
}

}  // namespace train_builtin
