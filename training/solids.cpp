// SPDX-License-Identifier: Apache-2.0
#include "solids.hpp"

#include <limits>

namespace train_builtin {
namespace {

constexpr float half_turn = 3.14159265F;

/// Adds solids of one thing: positions count from its foot, in its own heading.
class Builder {
 public:
  Builder(Scene& scene, const Place& place)
      : scene_(scene), foot_(place.foot), heading_(rotation(place.yaw)) {}

  void add(Shape shape, Vec center, Vec half, const Material& material, float tilt = 0,
           float lean = 0) {
    const Frame frame = compose(heading_, rotation(0, tilt, lean));
    scene_.objects.push_back(
        make_object(shape, foot_ + heading_.to_world(center), half, frame, material));
  }

 private:
  Scene& scene_;
  Vec foot_;
  Frame heading_;
};

}  // namespace

Object make_object(Shape shape, Vec center, Vec half, const Frame& frame,
                   const Material& material) {
  const float bound = shape == Shape::ellipsoid ? std::max({half.x, half.y, half.z})
                      : shape == Shape::cylinder || shape == Shape::tube
                          ? std::hypot(std::max(half.x, half.z), half.y)
                          : length(half);
  return {shape, center, half, frame, material, bound};
}

Object make_plane(Vec point, const Frame& frame, const Material& material) {
  return {Shape::plane, point, {1, 1, 1}, frame, material, std::numeric_limits<float>::infinity()};
}

void add_table(Scene& scene, Random& random, const Place& place, float height) {
  Builder thing(scene, place);
  const Material top = random_material(random, 1.0F);
  const Material leg = random.chance(0.5F) ? top : random_material(random, 0.3F);
  const Vec half{random.uniform(0.3F, 1.1F), random.uniform(0.01F, 0.04F),
                 random.uniform(0.25F, 0.6F)};
  const float leg_half = (height - 2 * half.y) / 2;
  if (random.chance(0.3F)) {
    const float radius = std::min(half.x, half.z) * 1.2F;
    thing.add(Shape::cylinder, {0, height - half.y, 0}, {radius, half.y, radius}, top);
    thing.add(Shape::cylinder, {0, leg_half, 0}, {0.05F, leg_half, 0.05F}, leg);
    return;
  }
  thing.add(Shape::box, {0, height - half.y, 0}, half, top);
  const float thickness = random.uniform(0.015F, 0.05F);
  for (const float x : {-1.0F, 1.0F}) {
    for (const float z : {-1.0F, 1.0F}) {
      thing.add(Shape::box, {x * (half.x - thickness), leg_half, z * (half.z - thickness)},
                {thickness, leg_half, thickness}, leg);
    }
  }
}

void add_chair(Scene& scene, Random& random, const Place& place) {
  Builder thing(scene, place);
  const Material material = random_material(random, 0.5F);
  const float seat = random.uniform(0.35F, 0.5F), half = random.uniform(0.18F, 0.3F);
  const bool solid = random.chance(0.35F);
  thing.add(Shape::box, {0, seat, 0}, {half, 0.03F, half}, material);
  thing.add(Shape::box, {0, seat + half, -half}, {half, half, 0.025F}, material,
            random.uniform(-0.2F, 0.0F));
  if (solid) {
    thing.add(Shape::box, {0, seat / 2, 0}, {half, seat / 2, half}, material);
    return;
  }
  for (const float x : {-1.0F, 1.0F}) {
    for (const float z : {-1.0F, 1.0F}) {
      thing.add(Shape::cylinder, {x * half * 0.9F, seat / 2, z * half * 0.9F},
                {0.018F, seat / 2, 0.018F}, material);
    }
  }
}

void add_cabinet(Scene& scene, Random& random, const Place& place, float max_height) {
  Builder thing(scene, place);
  const Vec half{random.uniform(0.25F, 1.0F), random.uniform(0.3F, max_height) / 2,
                 random.uniform(0.15F, 0.4F)};
  thing.add(Shape::box, {0, half.y, 0}, half, random_material(random, 1.0F));
  const int doors = random.between(0, 3);
  const Material front = random_material(random, 0.4F);
  for (int i = 0; i < doors; ++i) {
    const float width = half.x / static_cast<float>(doors);
    thing.add(Shape::box, {-half.x + width * static_cast<float>(2 * i + 1), half.y, half.z},
              {width * 0.9F, half.y * 0.9F, 0.015F}, front);
  }
}

void add_lamp(Scene& scene, Random& random, const Place& place) {
  Builder thing(scene, place);
  const float height = random.uniform(0.4F, 1.7F);
  thing.add(Shape::cylinder, {0, height / 2, 0}, {0.02F, height / 2, 0.02F},
            random_material(random, 0.3F));
  Material shade = random_material(random, 0.4F);
  shade.first = {0.9F, 0.85F, 0.7F};
  thing.add(random.chance(0.5F) ? Shape::cylinder : Shape::ellipsoid, {0, height, 0},
            {0.18F, 0.15F, 0.18F}, shade);
}

void add_person(Scene& scene, Random& random, const Place& place) {
  Builder thing(scene, place);
  const float s = random.uniform(0.75F, 1.1F);
  Material skin;
  skin.first = mix(Vec{0.75F, 0.5F, 0.38F}, Vec{0.15F, 0.08F, 0.05F}, random.unit());
  skin.gloss = 0.2F;
  Material hair = skin;
  hair.first = mix(Vec{0.02F, 0.02F, 0.02F}, Vec{0.45F, 0.3F, 0.12F}, random.unit());
  hair.grain = 0.5F;
  hair.grain_size = 0.02F;
  const Material shirt = random_material(random, 0.4F);
  const Material trousers = random_material(random, 0.4F);
  const float stride = random.uniform(-0.35F, 0.35F);
  const float arm = random.uniform(-0.6F, 0.6F);
  for (const float side : {-1.0F, 1.0F}) {
    thing.add(Shape::cylinder, {side * 0.1F * s, 0.43F * s, side * stride * 0.4F * s},
              {0.075F * s, 0.43F * s, 0.085F * s}, trousers, -side * stride);
    thing.add(Shape::ellipsoid, {side * 0.25F * s, 1.12F * s, 0.1F * side * arm},
              {0.06F * s, 0.33F * s, 0.065F * s}, shirt, side * arm, side * 0.12F);
    thing.add(Shape::ellipsoid, {side * 0.28F * s, 0.82F * s, 0.25F * side * arm},
              {0.045F * s, 0.08F * s, 0.05F * s}, skin);
  }
  thing.add(Shape::ellipsoid, {0, 1.15F * s, 0}, {0.21F * s, 0.36F * s, 0.13F * s}, shirt);
  thing.add(Shape::cylinder, {0, 1.45F * s, 0}, {0.055F * s, 0.1F * s, 0.055F * s}, skin);
  thing.add(Shape::ellipsoid, {0, 1.63F * s, 0}, {0.085F * s, 0.12F * s, 0.1F * s}, skin);
  thing.add(Shape::ellipsoid, {0, 1.67F * s, -0.025F * s}, {0.095F * s, 0.11F * s, 0.1F * s}, hair);
}

void add_tree(Scene& scene, Random& random, const Place& place) {
  Builder thing(scene, place);
  const float height = random.log_uniform(2.0F, 9.0F);
  Material bark = random_material(random, 0.3F);
  bark.pattern = Pattern::noise;
  bark.first = {0.12F, 0.08F, 0.05F};
  bark.second = {0.3F, 0.24F, 0.18F};
  Material leaves = random_material(random, 0.5F);
  leaves.pattern = Pattern::noise;
  leaves.first = {random.uniform(0.02F, 0.2F), random.uniform(0.08F, 0.3F), 0.03F};
  leaves.second = leaves.first * random.uniform(1.5F, 3.0F);
  leaves.size = random.log_uniform(0.1F, 0.6F);
  leaves.grain = 0.8F;
  leaves.grain_size = random.log_uniform(0.05F, 0.2F);
  const float trunk = height * random.uniform(0.2F, 0.45F);
  const float radius = height * random.uniform(0.012F, 0.035F);
  thing.add(Shape::cylinder, {0, trunk, 0}, {radius, trunk, radius}, bark, 0,
            random.uniform(-0.06F, 0.06F));
  const int clumps = random.between(1, 5);
  for (int i = 0; i < clumps; ++i) {
    const float size = height * random.uniform(0.14F, 0.28F);
    thing.add(Shape::ellipsoid,
              {random.normal() * size * 0.6F, 2 * trunk + random.uniform(-0.3F, 0.9F) * size,
               random.normal() * size * 0.6F},
              {size, size * random.uniform(0.6F, 1.2F), size}, leaves);
  }
}

void add_car(Scene& scene, Random& random, const Place& place) {
  Builder thing(scene, place);
  Material paint = random_material(random, 4.0F);
  paint.pattern = Pattern::plain;
  paint.grain = 0;
  paint.gloss = 0.8F;
  Material glass;
  glass.first = {0.03F, 0.04F, 0.05F};
  glass.gloss = 0.9F;
  Material tyre;
  tyre.first = {0.02F, 0.02F, 0.02F};
  const float half_length = random.uniform(1.7F, 2.4F), half_width = 0.88F;
  const float roof = random.uniform(1.35F, 1.9F), hood = random.uniform(0.75F, 1.0F);
  thing.add(Shape::box, {0, (hood + 0.25F) / 2, 0}, {half_width, (hood - 0.25F) / 2, half_length},
            paint);
  const Vec cabin{half_width * 0.85F, (roof - hood) / 2, half_length * random.uniform(0.4F, 0.7F)};
  thing.add(Shape::box, {0, (roof + hood) / 2, -0.2F}, cabin, glass);
  thing.add(Shape::box, {0, roof, -0.2F}, {cabin.x, 0.03F, cabin.z * 0.95F}, paint);
  for (const float x : {-1.0F, 1.0F}) {
    for (const float z : {-0.62F, 0.62F}) {
      thing.add(Shape::cylinder, {x * 0.8F, 0.33F, z * half_length}, {0.33F, 0.12F, 0.33F}, tyre, 0,
                half_turn / 2);
    }
  }
}

void add_pole(Scene& scene, Random& random, const Place& place) {
  Builder thing(scene, place);
  const Material material = random_material(random, 0.5F);
  const float half = random.uniform(0.4F, 3.5F), radius = random.uniform(0.02F, 0.12F);
  thing.add(Shape::cylinder, {0, half, 0}, {radius, half, radius}, material);
  if (random.chance(0.5F)) {
    thing.add(random.chance(0.5F) ? Shape::box : Shape::ellipsoid, {0, 2 * half, 0},
              {random.uniform(0.1F, 0.5F), random.uniform(0.1F, 0.4F), 0.04F},
              random_material(random, 0.4F));
  }
}

void add_building(Scene& scene, Random& random, const Place& place) {
  Builder thing(scene, place);
  Material wall = random_material(random, 3.0F);
  wall.pattern = random.chance(0.7F) ? Pattern::windows : Pattern::bricks;
  if (wall.pattern == Pattern::windows) {
    wall.size = random.uniform(2.0F, 4.0F);
    wall.second = wall.first * random.uniform(0.1F, 0.5F);
  } else {
    wall.size = random.uniform(0.3F, 0.8F);
  }
  const Vec half{random.uniform(3, 9), random.log_uniform(2.5F, 16), random.uniform(3, 9)};
  thing.add(Shape::box, {0, half.y, 0}, half, wall);
  const Material trim = random_material(random, 2.0F);
  if (random.chance(0.5F)) {
    thing.add(Shape::box, {0, 2 * half.y, 0}, {half.x * 1.03F, 0.2F, half.z * 1.03F}, trim);
  }
  if (random.chance(0.5F)) {
    thing.add(Shape::box, {half.x * random.uniform(-0.5F, 0.5F), 1.1F, 0},
              {0.6F, 1.1F, half.z + 0.05F}, trim);
  }
}

void add_rock(Scene& scene, Random& random, const Place& place, float size) {
  Builder thing(scene, place);
  Material stone = random_material(random, size);
  stone.grain = 0.6F;
  thing.add(Shape::ellipsoid, {0, 0.2F * size, 0},
            {size, size * random.uniform(0.4F, 0.9F), size * random.uniform(0.6F, 1.3F)}, stone,
            random.uniform(-0.4F, 0.4F), random.uniform(-0.4F, 0.4F));
}

void add_small_thing(Scene& scene, Random& random, const Place& place, float size) {
  Builder thing(scene, place);
  const Material material = random_material(random, size);
  const float r = size * random.uniform(0.25F, 0.5F);
  switch (random.below(6)) {
    case 0:  // ball
      thing.add(Shape::ellipsoid, {0, r, 0}, {r, r, r}, material);
      break;
    case 1:  // bottle
      thing.add(Shape::cylinder, {0, size * 0.6F, 0}, {r * 0.6F, size * 0.6F, r * 0.6F}, material);
      thing.add(Shape::ellipsoid, {0, size * 1.2F, 0}, {r * 0.6F, r * 0.5F, r * 0.6F}, material);
      thing.add(Shape::cylinder, {0, size * 1.5F, 0}, {r * 0.22F, size * 0.3F, r * 0.22F},
                random_material(random, size));
      break;
    case 2: {  // cup on a plate
      const Material inside = random_material(random, size);
      const float height = r * random.uniform(0.6F, 1.1F);
      thing.add(Shape::cylinder, {0, 0.02F * size, 0}, {r * 2, 0.02F * size, r * 2}, material);
      thing.add(Shape::tube, {0, height, 0}, {r, height, r}, material);
      thing.add(Shape::cylinder, {0, 1.5F * height, 0}, {r * 0.98F, 0.01F * size, r * 0.98F},
                inside);
      thing.add(Shape::ellipsoid, {r * 1.15F, height, 0}, {r * 0.35F, height * 0.6F, r * 0.1F},
                material);
      break;
    }
    case 3:  // pile of books
      for (int i = 0; i < 3; ++i) {
        thing.add(Shape::box, {0, size * 0.08F * static_cast<float>(2 * i + 1), 0},
                  {size * random.uniform(0.35F, 0.6F), size * 0.08F, size * 0.4F},
                  random_material(random, size));
      }
      break;
    case 4:  // something lying
      thing.add(Shape::cylinder, {0, r * 0.3F, 0}, {r * 0.3F, size * 0.8F, r * 0.3F}, material,
                half_turn / 2);
      break;
    default:
      thing.add(Shape::box, {0, r, 0}, {size * random.uniform(0.2F, 0.7F), r, r}, material);
  }
}

void add_bike(Scene& scene, Random& random, const Place& place) {
  Builder thing(scene, place);
  const bool motor = random.chance(0.5F);
  const float r = random.uniform(0.28F, 0.36F), reach = random.uniform(0.45F, 0.7F);
  const float half = motor ? random.uniform(0.04F, 0.08F) : 0.02F;
  Material tyre;
  tyre.first = {0.03F, 0.03F, 0.03F};
  Material metal = random_material(random, 0.2F);
  metal.pattern = Pattern::plain;
  metal.gloss = 0.8F;
  const Material paint = random_material(random, 0.5F);
  for (const float z : {-reach, reach}) {
    thing.add(Shape::tube, {0, r, z}, {r, half, r}, tyre, 0, half_turn / 2);
    thing.add(Shape::tube, {0, r, z}, {r * 0.86F, half, r * 0.86F}, tyre, 0, half_turn / 2);
    thing.add(Shape::cylinder, {0, r, z}, {0.05F, half * 1.5F, 0.05F}, metal, 0, half_turn / 2);
    for (int i = 0; i < 5; ++i) {
      const float angle = half_turn * static_cast<float>(i) / 5;
      thing.add(Shape::cylinder, {0, r, z}, {0.008F, r * 0.9F, 0.008F}, metal, angle);
    }
  }
  const float seat = random.uniform(0.75F, 0.95F);
  thing.add(Shape::cylinder, {0, 0.6F, reach * 0.8F}, {0.025F, 0.42F, 0.025F}, metal, -0.35F);
  thing.add(Shape::cylinder, {0, 1.0F, reach * 0.6F}, {0.02F, 0.32F, 0.02F}, metal, 0,
            half_turn / 2);
  thing.add(Shape::ellipsoid, {0, seat, -reach * 0.35F}, {0.1F, 0.05F, motor ? 0.32F : 0.14F},
            tyre);
  if (motor) {
    thing.add(Shape::ellipsoid, {0, seat, reach * 0.3F}, {0.14F, 0.12F, 0.26F}, paint, 0.15F);
    thing.add(Shape::box, {0, 0.42F, 0}, {0.16F, 0.16F, 0.2F}, metal);
    thing.add(Shape::ellipsoid, {0, 1.0F, reach * 0.95F}, {0.1F, 0.1F, 0.08F}, metal);
    thing.add(Shape::cylinder, {0.17F, 0.3F, -reach * 0.6F}, {0.05F, 0.4F, 0.05F}, metal,
              half_turn / 2);
    return;
  }
  thing.add(Shape::cylinder, {0, 0.55F, -0.1F}, {0.02F, 0.36F, 0.02F}, paint, 0.3F);
  thing.add(Shape::cylinder, {0, 0.75F, 0.15F}, {0.02F, 0.33F, 0.02F}, paint, half_turn / 2 - 0.1F);
  thing.add(Shape::cylinder, {0, 0.52F, 0.2F}, {0.02F, 0.38F, 0.02F}, paint, -0.8F);
}

void add_animal(Scene& scene, Random& random, Vec center, float size) {
  const float yaw = random.uniform(-half_turn, half_turn);
  Builder thing(scene, {center, yaw});
  Material fur = random_material(random, size);
  fur.mirror = 0;
  fur.gloss = 0;
  fur.bump = random.uniform(0, 1);
  fur.grain_size = size * random.log_uniform(0.02F, 0.2F);
  if (random.chance(0.5F)) fur.pattern = Pattern::noise;
  Material dark;
  dark.first = {0.02F, 0.02F, 0.02F};
  dark.gloss = 0.8F;
  const float pose = random.chance(0.6F) ? random.normal() * 0.1F : random.normal() * 0.6F;
  const float thick = size * random.uniform(0.35F, 0.6F);
  thing.add(Shape::ellipsoid, {0, 0, 0}, {thick * 0.8F, thick, size}, fur, pose);
  const Vec neck{0, size * random.uniform(0.2F, 0.7F), size * random.uniform(0.8F, 1.1F)};
  const float head = size * random.uniform(0.28F, 0.5F);
  thing.add(Shape::ellipsoid, neck * 0.7F, {thick * 0.5F, thick * 0.5F, size * 0.4F}, fur, -0.7F);
  thing.add(Shape::ellipsoid, neck, {head * 0.8F, head * 0.85F, head}, fur);
  thing.add(Shape::ellipsoid, neck + Vec{0, -head * 0.2F, head * 0.9F},
            {head * 0.4F, head * 0.35F, head * 0.5F}, fur);
  thing.add(Shape::ellipsoid, neck + Vec{0, -head * 0.1F, head * 1.4F},
            {head * 0.12F, head * 0.1F, head * 0.1F}, dark);
  const bool bird = random.chance(0.35F);
  for (const float side : {-1.0F, 1.0F}) {
    thing.add(Shape::ellipsoid, neck + Vec{side * head * 0.4F, head * 0.3F, head * 0.75F},
              {head * 0.15F, head * 0.15F, head * 0.1F}, dark);
    if (bird) {
      const float lift = random.uniform(-0.8F, 0.8F);
      thing.add(Shape::ellipsoid, {side * size * 0.9F, size * 0.6F * lift, 0},
                {size * 0.9F, size * 0.05F, size * 0.4F}, fur, 0, -side * lift);
      continue;
    }
    thing.add(Shape::ellipsoid, neck + Vec{side * head * 0.6F, head * 0.9F, 0},
              {head * 0.25F, head * 0.45F, head * 0.12F}, fur);
    const float swing = random.normal() * 0.4F;
    for (const float z : {-0.65F, 0.65F}) {
      thing.add(Shape::ellipsoid, {side * thick * 0.5F, -size * 0.7F, size * z},
                {size * 0.12F, size * 0.6F, size * 0.13F}, fur, swing * z);
    }
  }
  thing.add(Shape::ellipsoid, {0, size * 0.2F, -size * 1.3F},
            {size * 0.08F, size * 0.08F, size * 0.5F}, fur, random.normal() * 0.6F);
}

void add_face(Scene& scene, Random& random, Vec center, float size, const Frame& frame) {
  Material fur = random_material(random, size);
  fur.mirror = 0;
  fur.bump = random.uniform(0, 1);
  fur.grain_size = size * random.log_uniform(0.02F, 0.2F);
  Material muzzle_fur = random.chance(0.5F) ? fur : random_material(random, size * 0.5F);
  muzzle_fur.mirror = 0;
  Material shiny;
  shiny.first = shiny.second = Vec{0.02F, 0.02F, 0.02F} * random.log_uniform(0.5F, 10.0F);
  shiny.gloss = 0.9F;
  const auto add = [&](Vec at, Vec half, const Material& material, float roll) {
    scene.objects.push_back(make_object(Shape::ellipsoid, center + frame.to_world(at * size),
                                        half * size, compose(frame, rotation(0, 0, roll)),
                                        material));
  };
  const float muzzle = random.uniform(0.2F, 0.6F), wide = random.uniform(0.75F, 1.1F);
  add({0, 0, 0}, {wide, 1, 0.9F}, fur, 0);
  add({0, -0.3F, 0.7F}, {wide * 0.5F, 0.38F, muzzle}, muzzle_fur, 0);
  add({0, -0.15F, 0.7F + muzzle}, {0.16F, 0.11F, 0.1F}, shiny, 0);
  const float ear = random.uniform(0.3F, 0.7F), apart = random.uniform(0.5F, 0.85F);
  for (const float side : {-1.0F, 1.0F}) {
    add({side * wide * 0.42F, 0.2F, 0.72F}, {0.17F, 0.15F, 0.12F}, shiny, 0);
    add({side * wide * apart, 0.95F, -0.1F}, {0.25F, ear, 0.08F}, fur, side * -0.4F);
  }
  add({random.normal() * 0.3F, -1.4F, -1.6F}, {1.2F, 1.3F, 1.7F}, fur, 0);
}

void add_solid(Scene& scene, Random& random, Vec center, float size) {
  const auto shape = static_cast<Shape>(random.below(4));
  const Vec half{size * random.log_uniform(0.15F, 1), size * random.log_uniform(0.15F, 1),
                 size * random.log_uniform(0.15F, 1)};
  const bool upright = random.chance(0.5F);
  const Frame frame = rotation(random.uniform(-half_turn, half_turn),
                               upright ? 0 : random.uniform(-half_turn, half_turn),
                               upright ? 0 : random.uniform(-half_turn, half_turn));
  scene.objects.push_back(make_object(shape, center, half, frame, random_material(random, size)));
}

}  // namespace train_builtin
