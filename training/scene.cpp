// SPDX-License-Identifier: Apache-2.0
#include "scene.hpp"

#include <array>

#include "scene_closeups.hpp"
#include "scene_parts.hpp"

namespace train_builtin {
namespace {

Scene room(Random& random) {
  Scene scene;
  const float height = random.uniform(2.2F, 4.0F);
  aim_camera(scene, random, random.uniform(0.6F, std::min(2.0F, height - 0.3F)),
             random.normal() * 9 + 7);
  const Vec low{-random.uniform(0.7F, 4.0F), 0, -random.uniform(0.5F, 2.0F)};
  const Vec high{random.uniform(0.7F, 4.0F), height, random.log_uniform(1.8F, 9.0F)};
  const Frame heading = rotation(random.normal() * 0.5F);
  add_walls(scene, random, low, high, heading);
  add_wall_things(scene, random, low, high, heading);
  light_indoors(
      scene, random,
      {random.uniform(low.x, high.x) * 0.8F, height - 0.15F, random.uniform(0.0F, high.z * 0.9F)});
  const auto inside = [&] {
    Place place{{random.uniform(low.x, high.x) * 0.9F, 0, random.uniform(0.9F, high.z)}, 0};
    place.yaw =
        random.chance(0.6F) ? std::floor(random.uniform(0, 4)) * half_turn / 2 : any_yaw(random);
    place.foot = heading.to_world(place.foot);
    return place;
  };
  const int things = random.between(3, 10);
  for (int i = 0; i < things; ++i) {
    const Place place = inside();
    switch (random.below(8)) {
      case 7:
        add_bike(scene, random, place);
        break;
      case 0:
      case 1: {
        const float table = random.uniform(0.4F, 0.9F);
        add_table(scene, random, place, table);
        const int on_top = random.between(0, 3);
        for (int k = 0; k < on_top; ++k) {
          const Vec foot =
              place.foot + Vec{random.uniform(-0.3F, 0.3F), table, random.uniform(-0.25F, 0.25F)};
          add_small_thing(scene, random, {foot, any_yaw(random)}, random.uniform(0.08F, 0.3F));
        }
        break;
      }
      case 2:
        add_chair(scene, random, place);
        break;
      case 3:
        add_cabinet(scene, random, place, height);
        break;
      case 4:
        add_lamp(scene, random, place);
        break;
      case 5:
        add_person(scene, random, place);
        break;
      default:
        add_small_thing(scene, random, place, random.log_uniform(0.2F, 0.9F));
    }
  }
  return scene;
}

/// Houses and things on both sides of a road.
Scene street(Random& random) {
  Scene scene;
  aim_camera(scene, random, random.uniform(1.0F, 3.0F), random.normal() * 5 + 2);
  light_outdoors(scene, random);
  add_ground(scene, random);
  const float heading = random.normal() * 0.25F;
  const Frame along = rotation(heading);
  const float road_half = random.uniform(2.5F, 6.0F);
  const float offset = random.uniform(-0.8F, 0.8F) * road_half;
  scene.objects.push_back(make_object(Shape::box, along.to_world({offset, 0.0F, 60}),
                                      {road_half, 0.03F, 90}, along, ground_material(random)));
  const float wall = road_half + random.uniform(1.0F, 6.0F);
  for (const float side : {-1.0F, 1.0F}) {
    float z = random.uniform(0, 8);
    const int houses = random.between(0, 5);
    for (int i = 0; i < houses; ++i) {
      const Vec at{offset + side * (wall + 6), 0, z + 8};
      add_building(scene, random, {along.to_world(at), heading + random.normal() * 0.03F});
      z += random.uniform(9, 24);
    }
  }
  if (random.chance(0.4F)) {
    add_building(scene, random, {along.to_world({offset, 0, random.uniform(20, 80)}), heading});
  }
  const int things = random.between(3, 12);
  for (int i = 0; i < things; ++i) {
    const float side = random.chance(0.5F) ? 1.0F : -1.0F;
    const float z = random.log_uniform(3, 45);
    const float kerb = offset + side * (road_half + random.uniform(0.2F, 1.5F));
    const Vec at = along.to_world({kerb, 0, z});
    switch (random.below(7)) {
      case 6:
        add_bike(scene, random, {at, any_yaw(random)});
        break;
      case 0:
      case 1: {
        const Vec lane{offset + side * road_half * random.uniform(0.4F, 0.85F), 0, z + 2};
        add_car(scene, random, {along.to_world(lane), heading + random.normal() * 0.05F});
        break;
      }
      case 2:
        add_person(scene, random, {at, any_yaw(random)});
        break;
      case 3:
        add_tree(scene, random, {at, any_yaw(random)});
        break;
      case 4:
        add_pole(scene, random, {at, heading});
        break;
      default:
        add_small_thing(scene, random, ahead(random, 2.5F, 20), random.uniform(0.3F, 1.2F));
    }
  }
  return scene;
}

Scene landscape(Random& random) {
  Scene scene;
  aim_camera(scene, random, random.log_uniform(0.5F, 8.0F), random.normal() * 6 + 2);
  light_outdoors(scene, random);
  add_ground(scene, random);
  const int hills = random.between(0, 5);
  for (int i = 0; i < hills; ++i) {
    const float z = random.log_uniform(60, 400);
    const float width = z * random.uniform(0.2F, 0.8F);
    const Vec center{random.uniform(-0.8F, 0.8F) * z, 0, z + width};
    Material material = ground_material(random);
    material.size *= 10;
    material.grain_size *= 10;
    scene.objects.push_back(make_object(Shape::ellipsoid, center,
                                        {width, z * random.uniform(0.05F, 0.35F), width},
                                        rotation(any_yaw(random)), material));
  }
  const int things = random.between(2, 14);
  for (int i = 0; i < things; ++i) {
    const Place place = ahead(random, 2.5F, 70);
    switch (random.below(6)) {
      case 0:
      case 1:
      case 2:
        add_tree(scene, random, place);
        break;
      case 3:
        add_rock(scene, random, place, random.log_uniform(0.2F, 2.0F));
        break;
      case 4:
        add_person(scene, random, place);
        break;
      default:
        add_pole(scene, random, place);
    }
  }
  return scene;
}

/// Things on a table, seen from near, often from above.
Scene tabletop(Random& random) {
  Scene scene;
  const float table = random.uniform(0.5F, 0.9F);
  const float rise = random.uniform(0.12F, 0.7F);
  const float pitch = random.uniform(8, 65);
  aim_camera(scene, random, table + rise, pitch);
  add_background(scene, random);
  const float look = std::min(rise / std::tan(pitch * degree), 1.5F);
  const float reach = look + random.uniform(0.4F, 1.2F);
  Material top = random_material(random, random.uniform(0.2F, 1.5F));
  scene.objects.push_back(make_object(Shape::box, {0, table - 0.02F, reach / 2 - 0.2F},
                                      {random.uniform(0.5F, 1.5F), 0.02F, reach / 2},
                                      rotation(random.normal() * 0.2F), top));
  const float spread = std::hypot(look, rise) * 0.5F;
  const int things = random.between(2, 10);
  for (int i = 0; i < things; ++i) {
    const Vec foot{random.uniform(-1.3F, 1.3F) * spread, table,
                   std::max(look + random.uniform(-1, 1.5F) * spread, 0.12F)};
    add_small_thing(scene, random, {foot, any_yaw(random)},
                    spread * random.log_uniform(0.15F, 0.8F));
  }
  return scene;
}

/// A person or other tall thing that fills much of the picture before a far background.
Scene portrait(Random& random) {
  Scene scene;
  aim_camera(scene, random, random.uniform(1.0F, 1.7F), random.normal() * 6);
  add_background(scene, random);
  const int subjects = random.between(1, 3);
  for (int i = 0; i < subjects; ++i) {
    Place place = ahead(random, 0.7F, 2.5F, 0.5F);
    place.yaw = half_turn + random.normal() * 0.6F;
    if (random.chance(0.75F)) {
      add_person(scene, random, place);
    } else {
      add_cabinet(scene, random, place, 2.0F);
    }
  }
  return scene;
}

/// Solids anywhere: what keeps the network from believing that only furniture exists.
Scene clutter(Random& random) {
  Scene scene;
  aim_camera(scene, random, random.uniform(0.5F, 2.5F), random.normal() * 18 + 8);
  add_background(scene, random);
  const int things = random.between(4, 22);
  for (int i = 0; i < things; ++i) {
    const float z = random.log_uniform(0.8F, 9.0F);
    const Vec center{random.uniform(-0.8F, 0.8F) * z,
                     scene.camera.position.y + random.uniform(-0.7F, 0.5F) * z, z};
    add_solid(scene, random, center, z * random.log_uniform(0.06F, 0.4F));
  }
  return scene;
}

struct Kind {
  Scene (*draw)(Random&);
  float broad, photo_like;  ///< how often, in per cent
  float shallow;            ///< of the photo-like ones, the share with a shallow focus
};

constexpr std::array<Kind, 15> kinds{{{room, 20, 26, 0},
                                      {street, 11, 8, 0},
                                      {landscape, 9, 6, 0},
                                      {tabletop, 7, 8, 0.3F},
                                      {portrait, 7, 8, 0.5F},
                                      {clutter, 6, 3, 0},
                                      {flowers, 6.2F, 9, 0.6F},
                                      {foliage, 3.1F, 5, 0.5F},
                                      {animals, 6.2F, 8, 0.5F},
                                      {shelves, 6.2F, 9, 0},
                                      {view_out, 3.1F, 2, 0},
                                      {in_the_air, 3.1F, 3, 0.5F},
                                      {up_or_down, 3.1F, 2, 0},
                                      {waterside, 3.1F, 1, 0},
                                      {layers, 6.2F, 2, 0.5F}}};

}  // namespace

Scene random_scene(Random& random, Mix mix) {
  const auto share = [&](const Kind& kind) {
    return mix == Mix::broad ? kind.broad : kind.photo_like;
  };
  float all = 0;
  for (const Kind& kind : kinds) all += share(kind);
  float left = random.unit() * all;
  std::size_t at = 0;
  while (at + 1 < kinds.size() && left >= share(kinds[at])) left -= share(kinds[at++]);
  Scene scene = kinds[at].draw(random);
  scene.shallow_focus = mix == Mix::photo_like && random.chance(kinds[at].shallow);
  scene.seed = static_cast<std::uint32_t>(random.next());
  return scene;
}

}  // namespace train_builtin
