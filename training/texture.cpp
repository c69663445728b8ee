// SPDX-License-Identifier: Apache-2.0
#include "texture.hpp"

#include <cmath>

namespace train_builtin {
namespace {

float hash(int x, int y, int z, std::uint32_t seed) {
  std::uint32_t h = static_cast<std::uint32_t>(x) * 0x8DA6B343U ^
                    static_cast<std::uint32_t>(y) * 0xD8163841U ^
                    static_cast<std::uint32_t>(z) * 0xCB1AB31FU ^ seed * 0x9E3779B9U;
  h ^= h >> 15U;
  h *= 0x2C1B3C6DU;
  h ^= h >> 13U;
  return static_cast<float>(h >> 8U) * 0x1p-24F;
}

int floor_int(float x) { return static_cast<int>(std::floor(x)); }
float fraction(float x) { return x - std::floor(x); }
float smooth(float t) { return t * t * (3 - 2 * t); }

float octaves(Vec p, std::uint32_t seed) {
  return 0.6F * value_noise(p, seed) + 0.4F * value_noise(p * 2.7F, seed + 1);
}

/// Two-dimensional coordinates on the faces of upright things: along the wall, and up.
float along_wall(Vec p) { return p.x + p.z; }

float bricks(Vec p) {
  const float row = std::floor(p.y * 2);
  const float u = fraction(along_wall(p) + 0.5F * fraction(row * 0.5F) * 2);
  const float v = fraction(p.y * 2);
  return (u < 0.06F || v < 0.12F) ? 1.0F : 0.0F;
}

float windows(Vec p) {
  const float u = fraction(along_wall(p));
  const float v = fraction(p.y * 0.8F);
  return (u > 0.25F && u < 0.75F && v > 0.25F && v < 0.8F) ? 1.0F : 0.0F;
}

float checker(Vec p) {
  return static_cast<float>(
      (floor_int(p.x + 0.01F) + floor_int(p.y + 0.01F) + floor_int(p.z + 0.01F)) & 1);
}

float wood(Vec p, std::uint32_t seed) {
  const Vec stretched{p.x * 3, p.y * 3, p.z * 0.3F};
  return fraction(3 * octaves(stretched, seed) + 0.5F * p.x);
}

float spots(Vec p, std::uint32_t seed) {
  return smooth(std::clamp((value_noise(p * 2, seed) - 0.55F) * 8, 0.0F, 1.0F));
}

float marble(Vec p, std::uint32_t seed) {
  return std::abs(2 * fraction(p.x + p.y + 2.5F * octaves(p, seed)) - 1);
}

/// Rectangles of unlike brightness: posters, facades, book covers.
float patches(Vec p, std::uint32_t seed) {
  const float coarse = hash(floor_int(p.x), floor_int(p.y), floor_int(p.z), seed);
  const float split = coarse < 0.5F ? 2.0F : 3.0F;
  return hash(floor_int(p.x * split), floor_int(p.y * split), floor_int(p.z * split), seed + 3);
}

/// Share of the second colour.
float pattern_value(const Material& m, Vec p) {
  switch (m.pattern) {
    case Pattern::plain:
      return 0;
    case Pattern::noise:
      return octaves(p * 2, m.seed);
    case Pattern::checker:
      return checker(p);
    case Pattern::bricks:
      return bricks(p);
    case Pattern::stripes:
      return fraction(p.x + p.y) < 0.5F ? 0.0F : 1.0F;
    case Pattern::wood:
      return wood(p, m.seed);
    case Pattern::spots:
      return spots(p, m.seed);
    case Pattern::windows:
      return windows(p);
    case Pattern::marble:
      return marble(p, m.seed);
    case Pattern::patches:
      return patches(p, m.seed);
  }
  return 0;
}

/// Natural colours: mostly muted, some strong.
Vec random_color(Random& random) {
  const float level = random.log_uniform(0.04F, 0.85F);
  const float saturation =
      random.chance(0.25F) ? random.uniform(0.4F, 0.95F) : random.uniform(0.0F, 0.35F);
  const Vec hue{random.unit(), random.unit(), random.unit()};
  const float peak = std::max({hue.x, hue.y, hue.z, 0.01F});
  return mix(Vec{1, 1, 1}, hue * (1 / peak), saturation) * level;
}

}  // namespace

float value_noise(Vec p, std::uint32_t seed) {
  const int x = floor_int(p.x), y = floor_int(p.y), z = floor_int(p.z);
  const float u = smooth(p.x - static_cast<float>(x));
  const float v = smooth(p.y - static_cast<float>(y));
  const float w = smooth(p.z - static_cast<float>(z));
  const auto edge = [&](int dy, int dz) {
    const float a = hash(x, y + dy, z + dz, seed);
    return a + (hash(x + 1, y + dy, z + dz, seed) - a) * u;
  };
  const float near_plane = edge(0, 0) + (edge(1, 0) - edge(0, 0)) * v;
  const float far_plane = edge(0, 1) + (edge(1, 1) - edge(0, 1)) * v;
  return near_plane + (far_plane - near_plane) * w;
}

Material random_material(Random& random, float object_size) {
  Material m;
  m.pattern = random.chance(0.35F) ? Pattern::plain : static_cast<Pattern>(random.below(10));
  m.first = random_color(random);
  m.second = random.chance(0.5F) ? m.first * random.uniform(0.4F, 1.6F) : random_color(random);
  m.size = object_size * random.log_uniform(0.08F, 1.5F);
  m.grain = random.chance(0.3F) ? 0.0F : random.uniform(0.0F, 0.6F);
  m.grain_size = object_size * random.log_uniform(0.01F, 0.5F);
  m.gloss = random.chance(0.3F) ? random.uniform(0.1F, 0.8F) : 0.0F;
  m.bump = random.chance(0.35F) ? random.uniform(0.2F, 1.2F) : 0.0F;
  if (random.chance(0.04F)) m.mirror = random.uniform(0.2F, 0.7F);
  m.seed = static_cast<std::uint32_t>(random.next());
  return m;
}

Vec roughness(const Material& m, Vec point) {
  const Vec p = point * (1 / m.grain_size);
  const float here = value_noise(p, m.seed + 11);
  constexpr float step = 0.35F;
  const Vec slope{value_noise(p + Vec{step, 0, 0}, m.seed + 11) - here,
                  value_noise(p + Vec{0, step, 0}, m.seed + 11) - here,
                  value_noise(p + Vec{0, 0, step}, m.seed + 11) - here};
  return slope * (-m.bump / step);
}

Vec albedo(const Material& m, Vec point) {
  Vec color = mix(m.first, m.second, pattern_value(m, point * (1 / m.size)));
  if (m.grain > 0) {
    color = color * (1 + m.grain * (2 * octaves(point * (1 / m.grain_size), m.seed + 7) - 1));
  }
  return clamp(color, 0, 1);
}

}  // namespace train_builtin
