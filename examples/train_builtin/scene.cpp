// SPDX-License-Identifier: Apache-2.0
#include "scene.hpp"

#include "solids.hpp"

namespace train_builtin {
namespace {

constexpr float half_turn = 3.14159265F;
constexpr float degree = half_turn / 180;

float any_yaw(Random& random) { return random.uniform(-half_turn, half_turn); }

/// A point of the ground, from `near` to `far` metres ahead of the camera and inside about its
/// field of view, so that what is added is mostly seen.
Place ahead(Random& random, float near_limit, float far_limit, float spread = 1.1F) {
  const float z = random.log_uniform(near_limit, far_limit);
  const float x = random.uniform(-spread, spread) * z * 0.7F;
  return {{x, 0, z}, any_yaw(random)};
}

void aim_camera(Scene& scene, Random& random, float height, float pitch_degrees) {
  const float roll = random.chance(0.3F) ? random.normal() * 6 : random.normal();
  scene.camera.position = {0, height, 0};
  scene.camera.frame = rotation(0, pitch_degrees * degree, roll * degree);
  scene.camera.tan_half_width = std::tan(random.uniform(38, 84) / 2 * degree);
}

Vec tint(Random& random, float strength) {
  const float warmth = random.uniform(-strength, strength);
  return {1 + warmth, 1, 1 - warmth};
}

void light_outdoors(Scene& scene, Random& random) {
  const bool overcast = random.chance(0.3F);
  const float elevation = random.uniform(12, 80) * degree;
  const float azimuth = any_yaw(random);
  scene.sun_direction = {std::cos(elevation) * std::sin(azimuth), std::sin(elevation),
                         std::cos(elevation) * std::cos(azimuth)};
  scene.light_color = tint(random, 0.2F) * (overcast ? 0.15F : random.uniform(0.7F, 1.6F));
  scene.ambient = tint(random, 0.1F) * random.uniform(0.25F, 0.6F) * (overcast ? 1.6F : 1.0F);
  const float brightness = random.uniform(0.5F, 1.1F);
  scene.sky_low = mix(Vec{0.85F, 0.88F, 0.92F}, Vec{0.95F, 0.7F, 0.5F},
                      random.chance(0.2F) ? random.unit() : 0.0F) *
                  brightness;
  scene.sky_high = mix(Vec{0.15F, 0.35F, 0.8F}, Vec{0.75F, 0.78F, 0.82F},
                       overcast ? 1.0F : random.uniform(0.0F, 0.6F)) *
                   brightness;
  scene.clouds = random.chance(0.6F) ? random.uniform(0.0F, 0.5F) : 0.0F;
  scene.haze_distance = random.chance(0.5F) ? random.log_uniform(30, 600) : 1e6F;
}

void light_indoors(Scene& scene, Random& random, Vec lamp) {
  scene.has_lamp = true;
  scene.lamp = lamp;
  const float distance = length(lamp - scene.camera.position) + 1;
  scene.light_color = tint(random, 0.25F) * random.uniform(0.3F, 1.2F) * distance * distance;
  scene.ambient = tint(random, 0.15F) * random.uniform(0.25F, 0.7F);
}

Material ground_material(Random& random) {
  Material m = random_material(random, random.log_uniform(0.5F, 4.0F));
  if (random.chance(0.6F)) m.pattern = Pattern::noise;
  if (random.chance(0.4F)) {
    m.first = {random.uniform(0.08F, 0.25F), random.uniform(0.15F, 0.35F), 0.06F};
    m.second = m.first * random.uniform(0.5F, 1.8F);
  }
  m.gloss = 0;
  return m;
}

void add_ground(Scene& scene, Random& random) {
  const Frame slope = rotation(any_yaw(random), random.normal() * 1.5F * degree);
  scene.objects.push_back(make_plane({0, 0, 0}, slope, ground_material(random)));
}

/// Floor, ceiling and walls as half-spaces that look inwards, in the room's heading.
void add_walls(Scene& scene, Random& random, Vec low, Vec high, const Frame& heading) {
  const Material wall = random_material(random, random.log_uniform(0.5F, 3.0F));
  const Material floor = random_material(random, random.log_uniform(0.3F, 2.0F));
  Material ceiling = random_material(random, 2.0F);
  ceiling.first = ceiling.second = Vec{0.8F, 0.8F, 0.78F} * random.uniform(0.6F, 1.1F);
  const auto side = [&](Vec point, Vec inwards, const Material& material) {
    const Vec up = std::abs(inwards.y) > 0.5F ? Vec{0, 0, 1} : Vec{0, 1, 0};
    const Frame local{cross(inwards, up), inwards, up};
    scene.objects.push_back(make_plane(heading.to_world(point), compose(heading, local), material));
  };
  side(low, {0, 1, 0}, floor);
  side(high, {0, -1, 0}, ceiling);
  const auto wall_material = [&] {
    return random.chance(0.75F) ? wall : random_material(random, 1.5F);
  };
  side(low, {1, 0, 0}, wall_material());
  side(low, {0, 0, 1}, wall_material());
  side(high, {-1, 0, 0}, wall_material());
  side(high, {0, 0, -1}, wall_material());
}

/// Thin boxes on the walls: pictures, doors, windows, shelves.
void add_wall_things(Scene& scene, Random& random, Vec low, Vec high, const Frame& heading) {
  const int count = random.between(0, 6);
  for (int i = 0; i < count; ++i) {
    const bool far_wall = random.chance(0.5F);
    const bool left = random.chance(0.5F);
    const float y = random.uniform(0.8F, std::max(1.0F, high.y - 0.4F));
    const Vec point = far_wall ? Vec{random.uniform(low.x, high.x), y, high.z}
                               : Vec{left ? low.x : high.x, y, random.uniform(0.5F, high.z)};
    const float half_width = random.log_uniform(0.15F, 1.2F);
    const float half_height = random.log_uniform(0.15F, 0.9F);
    const float depth = random.chance(0.3F) ? random.uniform(0.05F, 0.3F) : 0.03F;
    const Vec half =
        far_wall ? Vec{half_width, half_height, depth} : Vec{depth, half_height, half_width};
    Material material = random_material(random, 0.5F);
    if (random.chance(0.25F)) material.first = Vec{1, 1, 1};
    scene.objects.push_back(
        make_object(Shape::box, heading.to_world(point), half, heading, material));
  }
}

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
    switch (random.below(7)) {
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
    switch (random.below(6)) {
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

/// A background for scenes whose subject is near: a room's walls, or the open.
void add_background(Scene& scene, Random& random) {
  if (random.chance(0.6F)) {
    const float far_wall = random.log_uniform(1.2F, 8.0F);
    const Vec low{-random.uniform(1.0F, 4.0F), 0, -2};
    const Vec high{random.uniform(1.0F, 4.0F), random.uniform(2.4F, 4.0F), far_wall};
    const Frame heading = rotation(random.normal() * 0.4F);
    add_walls(scene, random, low, high, heading);
    add_wall_things(scene, random, low, high, heading);
    light_indoors(scene, random, {random.uniform(-1, 1), high.y - 0.2F, random.uniform(-1, 1)});
    return;
  }
  light_outdoors(scene, random);
  add_ground(scene, random);
  const int things = random.between(1, 6);
  for (int i = 0; i < things; ++i) {
    const Place place = ahead(random, 4, 40);
    switch (random.below(3)) {
      case 0:
        add_tree(scene, random, place);
        break;
      case 1:
        add_building(scene, random, {place.foot + Vec{0, 0, 9}, place.yaw});
        break;
      default:
        add_person(scene, random, place);
    }
  }
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

Scene any_scene(Random& random) {
  const float kind = random.unit();
  if (kind < 0.30F) return room(random);
  if (kind < 0.48F) return street(random);
  if (kind < 0.62F) return landscape(random);
  if (kind < 0.77F) return tabletop(random);
  if (kind < 0.87F) return portrait(random);
  return clutter(random);
}

}  // namespace

Scene random_scene(Random& random) {
  Scene scene = any_scene(random);
  scene.seed = static_cast<std::uint32_t>(random.next());
  return scene;
}

}  // namespace train_builtin
