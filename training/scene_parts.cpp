// SPDX-License-Identifier: Apache-2.0
#include "scene_parts.hpp"

namespace train_builtin {

float any_yaw(Random& random) { return random.uniform(-half_turn, half_turn); }

/// A point of the ground, from `near` to `far` metres ahead of the camera and inside about its
/// field of view, so that what is added is mostly seen.
Place ahead(Random& random, float near_limit, float far_limit, float spread) {
  const float z = random.log_uniform(near_limit, far_limit);
  const float x = random.uniform(-spread, spread) * z * 0.7F;
  return {{x, 0, z}, any_yaw(random)};
}

void aim_camera(Scene& scene, Random& random, float height, float pitch_degrees) {
  const float roll = random.chance(0.35F) ? random.normal() * 12 : random.normal();
  scene.camera.position = {0, height, 0};
  scene.camera.frame = rotation(0, pitch_degrees * degree, roll * degree);
  const float view = random.chance(0.15F) ? random.uniform(15, 38) : random.uniform(38, 90);
  scene.camera.tan_half_width = std::tan(view / 2 * degree);
}

Vec tint(Random& random, float strength) {
  const float warmth = random.uniform(-strength, strength);
  return {1 + warmth, 1, 1 - warmth};
}

void light_outdoors(Scene& scene, Random& random) {
  if (random.chance(0.1F)) return light_night(scene, random);
  const bool overcast = random.chance(0.3F);
  const float elevation = random.uniform(8, 80) * degree;
  // Now and then the sun is ahead, and all that is seen lies in its own shade.
  const float azimuth = random.chance(0.25F) ? random.normal() * 0.5F : any_yaw(random);
  const Vec sun{std::cos(elevation) * std::sin(azimuth), std::sin(elevation),
                std::cos(elevation) * std::cos(azimuth)};
  const Vec color = tint(random, 0.25F) * (overcast ? 0.15F : random.uniform(0.7F, 2.0F));
  scene.lights.push_back({color, sun, true});
  scene.ambient = tint(random, 0.1F) * random.uniform(0.15F, 0.6F) * (overcast ? 1.6F : 1.0F);
  const float brightness = random.uniform(0.4F, 1.3F);
  scene.sky_low = mix(Vec{0.85F, 0.88F, 0.92F}, Vec{0.95F, 0.7F, 0.5F},
                      random.chance(0.25F) ? random.unit() : 0.0F) *
                  brightness;
  scene.sky_high = mix(Vec{0.15F, 0.35F, 0.8F}, Vec{0.75F, 0.78F, 0.82F},
                       overcast ? 1.0F : random.uniform(0.0F, 0.6F)) *
                   brightness;
  scene.clouds = random.chance(0.6F) ? random.uniform(0.0F, 0.5F) : 0.0F;
  scene.haze_distance = random.chance(0.5F) ? random.log_uniform(15, 600) : 1e6F;
  if (random.chance(0.25F)) scene.exposure = random.log_uniform(0.4F, 2.2F);
}

void light_night(Scene& scene, Random& random) {
  scene.ambient = tint(random, 0.2F) * random.uniform(0.02F, 0.1F);
  scene.sky_low = tint(random, 0.3F) * random.uniform(0.005F, 0.08F);
  scene.sky_high = scene.sky_low * random.uniform(0.2F, 0.9F);
  scene.exposure = random.uniform(0.3F, 0.9F);
  const int lamps = random.between(1, 3);
  for (int i = 0; i < lamps; ++i) {
    const float z = random.log_uniform(1.5F, 25);
    const Vec lamp{random.uniform(-0.6F, 0.6F) * z,
                   scene.camera.position.y + random.uniform(-0.1F, 0.5F) * z, z};
    scene.lights.push_back(
        {tint(random, 0.4F) * (z * z * random.uniform(0.1F, 0.6F)), lamp, false});
    Material bulb;
    bulb.first = {1, 1, 0.9F};
    bulb.glow = 6;
    const float radius = 0.02F * z;
    if (random.chance(0.5F)) {
      scene.objects.push_back(
          make_object(Shape::ellipsoid, lamp, {radius, radius, radius}, rotation(0), bulb));
    }
  }
}

void light_indoors(Scene& scene, Random& random, Vec lamp) {
  scene.indoors = true;
  const float distance = length(lamp - scene.camera.position) + 1;
  const float strength = random.uniform(0.3F, 1.2F) * distance * distance;
  scene.lights.push_back({tint(random, 0.25F) * strength, lamp, false});
  if (random.chance(0.35F)) {
    const Vec other =
        lamp + Vec{random.normal(), -std::abs(random.normal()) * 0.4F, random.normal()};
    scene.lights.push_back(
        {tint(random, 0.3F) * (strength * random.uniform(0.2F, 0.8F)), other, false});
  }
  scene.ambient = tint(random, 0.15F) * random.uniform(0.15F, 0.7F);
  if (random.chance(0.2F)) scene.exposure = random.log_uniform(0.4F, 2.0F);
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

}  // namespace train_builtin
