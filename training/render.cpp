// SPDX-License-Identifier: Apache-2.0
#include "render.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace train_builtin {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr int tile = 16;

struct Ray {
  Vec origin;
  Vec direction;
};

/// Distance along the ray, and the normal in the object's stretched coordinates.
struct LocalHit {
  float t = infinity;
  Vec normal;
};

LocalHit hit_ellipsoid(const Ray& ray) {
  const float a = dot(ray.direction, ray.direction);
  const float b = dot(ray.origin, ray.direction);
  const float c = dot(ray.origin, ray.origin) - 1;
  const float discriminant = b * b - a * c;
  if (discriminant < 0) return {};
  const float t = (-b - std::sqrt(discriminant)) / a;
  if (t <= 0) return {};
  return {t, ray.origin + ray.direction * t};
}

LocalHit hit_box(const Ray& ray) {
  const Vec inverse{1 / ray.direction.x, 1 / ray.direction.y, 1 / ray.direction.z};
  const Vec middle = ray.origin * inverse;
  const Vec enter{-middle.x - std::abs(inverse.x), -middle.y - std::abs(inverse.y),
                  -middle.z - std::abs(inverse.z)};
  const Vec leave{-middle.x + std::abs(inverse.x), -middle.y + std::abs(inverse.y),
                  -middle.z + std::abs(inverse.z)};
  const float t = std::max({enter.x, enter.y, enter.z});
  if (!(t > 0) || t > std::min({leave.x, leave.y, leave.z})) return {};
  if (t == enter.x) return {t, {-std::copysign(1.0F, ray.direction.x), 0, 0}};
  if (t == enter.y) return {t, {0, -std::copysign(1.0F, ray.direction.y), 0}};
  return {t, {0, 0, -std::copysign(1.0F, ray.direction.z)}};
}

LocalHit hit_cylinder(const Ray& ray) {
  const Vec o = ray.origin, d = ray.direction;
  LocalHit best;
  const float a = d.x * d.x + d.z * d.z;
  const float b = o.x * d.x + o.z * d.z;
  const float c = o.x * o.x + o.z * o.z - 1;
  const float discriminant = b * b - a * c;
  if (discriminant < 0) return {};
  const float side = (-b - std::sqrt(discriminant)) / a;
  if (side > 0 && std::abs(o.y + side * d.y) <= 1) {
    best = {side, {o.x + side * d.x, 0, o.z + side * d.z}};
  }
  const float cap = (std::copysign(1.0F, o.y) - o.y) / d.y;
  if (cap > 0 && cap < best.t) {
    const float x = o.x + cap * d.x, z = o.z + cap * d.z;
    if (x * x + z * z <= 1) best = {cap, {0, std::copysign(1.0F, o.y), 0}};
  }
  return best;
}

LocalHit hit_tube(const Ray& ray) {
  const Vec o = ray.origin, d = ray.direction;
  const float a = d.x * d.x + d.z * d.z;
  const float b = o.x * d.x + o.z * d.z;
  const float discriminant = b * b - a * (o.x * o.x + o.z * o.z - 1);
  if (discriminant < 0) return {};
  const float root = std::sqrt(discriminant);
  for (const float t : {(-b - root) / a, (-b + root) / a}) {
    if (!(t > 1e-3F) || std::abs(o.y + t * d.y) > 1) continue;
    const Vec outwards{o.x + t * d.x, 0, o.z + t * d.z};
    return {t, dot(outwards, d) > 0 ? outwards * -1.0F : outwards};
  }
  return {};
}

LocalHit hit_plane(const Ray& ray) {
  if (ray.direction.y >= 0 || ray.origin.y <= 0) return {};
  return {-ray.origin.y / ray.direction.y, {0, 1, 0}};
}

LocalHit hit(const Object& object, const Ray& ray) {
  const Ray local{object.frame.to_local(ray.origin - object.center) / object.half,
                  object.frame.to_local(ray.direction) / object.half};
  switch (object.shape) {
    case Shape::ellipsoid:
      return hit_ellipsoid(local);
    case Shape::box:
      return hit_box(local);
    case Shape::cylinder:
      return hit_cylinder(local);
    case Shape::tube:
      return hit_tube(local);
    case Shape::plane:
      return hit_plane(local);
  }
  return {};
}

/// True when the ray's line passes through the object's bounding sphere ahead of its origin.
bool may_hit(const Object& object, const Ray& ray, float direction_squared) {
  if (object.bound == infinity) return true;
  const Vec to_center = object.center - ray.origin;
  const float along = dot(to_center, ray.direction);
  const float squared = dot(to_center, to_center);
  const float bound_squared = object.bound * object.bound;
  if (along < 0 && squared > bound_squared) return false;
  return squared * direction_squared - along * along <= bound_squared * direction_squared;
}

/// Renders one scene; holds what all its pixels share.
class Renderer {
 public:
  Renderer(const Scene& scene, int width, int height)
      : scene_(scene), width_(width), height_(height) {}

  void render_tile(int left, int top, std::vector<Vec>& colors, std::vector<float>& inverse) const {
    const int right = std::min(left + tile, width_), bottom = std::min(top + tile, height_);
    const std::vector<const Object*> candidates = seen_in(left, top, right, bottom);
    for (int v = top; v < bottom; ++v) {
      for (int u = left; u < right; ++u) {
        const auto index = static_cast<std::size_t>(v * width_ + u);
        const Ray ray = pixel_ray(static_cast<float>(u), static_cast<float>(v));
        colors[index] = trace(ray, candidates, inverse[index]);
      }
    }
  }

 private:
  /// Its direction has length 1 along the optical axis, so that distances along it are depths.
  Ray pixel_ray(float u, float v) const {
    const float scale = 2 * scene_.camera.tan_half_width / static_cast<float>(width_);
    const float x = (u + 0.5F - 0.5F * static_cast<float>(width_)) * scale;
    const float y = (0.5F * static_cast<float>(height_) - v - 0.5F) * scale;
    return {scene_.camera.position, scene_.camera.frame.to_world({x, y, 1})};
  }

  /// Objects whose bounding sphere meets the cone around the tile's rays.
  std::vector<const Object*> seen_in(int left, int top, int right, int bottom) const {
    const auto direction = [&](int u, int v) {
      return normalized(pixel_ray(static_cast<float>(u), static_cast<float>(v)).direction);
    };
    const Vec axis = direction((left + right) / 2, (top + bottom) / 2);
    const std::array<Vec, 4> corners{direction(left, top), direction(right, top),
                                     direction(left, bottom), direction(right, bottom)};
    float cosine = 1;
    for (const Vec& corner : corners) cosine = std::min(cosine, dot(axis, corner));
    const float half_angle = std::acos(std::min(cosine, 1.0F));
    std::vector<const Object*> seen;
    for (const Object& object : scene_.objects) {
      const Vec to_center = object.center - scene_.camera.position;
      const float distance = length(to_center);
      if (distance <= object.bound) {
        seen.push_back(&object);
        continue;
      }
      const float angle = std::acos(std::clamp(dot(axis, to_center) / distance, -1.0F, 1.0F));
      if (angle <= half_angle + std::asin(object.bound / distance)) seen.push_back(&object);
    }
    return seen;
  }

  struct Nearest {
    const Object* object = nullptr;
    LocalHit hit;
  };

  static void keep_nearer(Nearest& nearest, const Object& object, const Ray& ray, float squared) {
    if (!may_hit(object, ray, squared)) return;
    const LocalHit found = hit(object, ray);
    if (found.t < nearest.hit.t && found.t > 1e-3F) nearest = {&object, found};
  }

  Vec trace(const Ray& ray, const std::vector<const Object*>& candidates, float& inverse) const {
    const float squared = dot(ray.direction, ray.direction);
    Nearest nearest;
    for (const Object* candidate : candidates) keep_nearer(nearest, *candidate, ray, squared);
    inverse = nearest.object == nullptr ? 0.0F : 1 / nearest.hit.t;
    return seen(ray, nearest, true);
  }

  /// The light that comes back along the ray; what a mirror shows has no mirrors in it.
  Vec seen(const Ray& ray, const Nearest& nearest, bool mirrors) const {
    const Vec direction = normalized(ray.direction);
    if (nearest.object == nullptr) return sky_color(direction);
    const Object& object = *nearest.object;
    const Vec point = ray.origin + ray.direction * nearest.hit.t;
    const Vec local = object.frame.to_local(point - object.center);
    Vec bent = nearest.hit.normal / object.half;
    if (object.material.bump > 0) {
      bent = normalized(bent) + roughness(object.material, local);
    }
    const Vec normal = normalized(object.frame.to_world(bent));
    Vec color = shade(object, direction, point, local, normal, mirrors);
    if (mirrors && object.material.mirror > 0) {
      const Ray mirrored{point + normal * 1e-3F, direction - normal * (2 * dot(direction, normal))};
      Nearest behind;
      for (const Object& other : scene_.objects) keep_nearer(behind, other, mirrored, 1);
      // Fresnel, after Schlick (1994): grazing light is reflected most.
      const float grazing = std::pow(1 - std::min(std::abs(dot(direction, normal)), 1.0F), 3.0F);
      color = mix(color, seen(mirrored, behind, false),
                  object.material.mirror * (0.3F + 0.7F * grazing));
    }
    const float distance = nearest.hit.t * length(ray.direction);
    return mix(scene_.sky_low, color, std::exp(-distance / scene_.haze_distance));
  }

  Vec sky_color(Vec direction) const {
    const float up = std::clamp(direction.y, 0.0F, 1.0F);
    Vec color = mix(scene_.sky_low, scene_.sky_high, std::sqrt(up));
    if (scene_.clouds > 0 && direction.y > 0) {
      const Vec p = direction * (3 / (direction.y + 0.15F));
      const float cover =
          value_noise(p * 0.7F, scene_.seed) * 0.6F + value_noise(p * 1.9F, scene_.seed + 1) * 0.4F;
      const float amount = std::clamp((cover - 0.5F) * 4, 0.0F, 1.0F) * scene_.clouds * 2;
      color = mix(color, Vec{1, 1, 1}, std::min(amount, 1.0F));
    }
    return color;
  }

  Vec shade(const Object& object, Vec direction, Vec point, Vec local, Vec normal,
            bool careful) const {
    // A plane's texture lies in it; a solid's is cut out of the whole.
    const Vec textured = object.shape == Shape::plane ? Vec{local.x, local.z, 0} : local;
    const Material& material = object.material;
    const Vec color = albedo(material, textured);
    Vec radiance = scene_.ambient * (0.75F + 0.25F * normal.y);
    if (careful) radiance = radiance * openness(object, point, normal);
    Vec highlight = color * material.glow;
    for (const Light& light : scene_.lights) {
      const Vec to_lamp = light.is_sun ? light.place : light.place - point;
      const float distance = light.is_sun ? infinity : length(to_lamp);
      const Vec towards = light.is_sun ? to_lamp : to_lamp * (1 / distance);
      const float facing = dot(normal, towards);
      if (facing <= 0) continue;
      if (careful &&
          shadowed({point + normal * (2e-3F * (1 + length(local))), towards}, distance)) {
        continue;
      }
      const float falloff = light.is_sun ? 1 : 1 / (distance * distance + 0.3F);
      const Vec direct = light.color * falloff;
      radiance = radiance + direct * facing;
      if (material.gloss > 0) {
        const float cosine = std::max(dot(normal, normalized(towards - direction)), 0.0F);
        highlight = highlight + direct * (material.gloss * std::pow(cosine, 40.0F));
      }
    }
    if (material.gloss > 0) {
      const Vec mirrored = direction - normal * (2 * dot(direction, normal));
      highlight = highlight + reflection(normalized(mirrored)) * (0.15F * material.gloss);
    }
    return color * radiance + highlight;
  }

  Vec reflection(Vec direction) const {
    return scene_.indoors ? scene_.ambient * (0.8F + 0.4F * direction.y)
                          : mix(scene_.ambient, sky_color(direction), direction.y > 0 ? 1 : 0.2F);
  }

  bool shadowed(const Ray& ray, float limit) const {
    for (const Object& object : scene_.objects) {
      if (object.material.glow > 0 || !may_hit(object, ray, 1.0F)) continue;
      const float t = hit(object, ray).t;
      // Half-spaces behind a lamp (the ceiling that it hangs from) give no shade.
      if (t > 1e-3F && t < limit) return true;
    }
    return false;
  }

  /// The share of the ambient light that neighbours leave: each solid counts as a ball of its
  /// volume (Quilez, "sphere ambient occlusion"), each plane by the distance to it.
  float openness(const Object& self, Vec point, Vec normal) const {
    float open = 1;
    for (const Object& other : scene_.objects) {
      if (&other == &self) continue;
      if (other.shape == Shape::plane) {
        const float height = dot(point - other.center, other.frame.y) * 2.5F;
        const float away = 0.5F - 0.5F * dot(normal, other.frame.y);
        open *= 1 - 0.6F * away / (1 + height * height);
        continue;
      }
      const Vec to_center = other.center - point;
      const float squared = dot(to_center, to_center);
      if (squared > 9 * other.bound * other.bound) continue;
      const float radius = std::cbrt(other.half.x * other.half.y * other.half.z);
      const float covered = std::min(radius * radius / squared, 1.0F);
      open *= 1 - 0.8F * covered * std::max(dot(normal, to_center) / std::sqrt(squared), 0.0F);
    }
    return open;
  }

  const Scene& scene_;
  int width_;
  int height_;
};

/// Brings the mean to a middle grey, as a camera does, and codes with gamma 2.2.
std::vector<std::uint8_t> expose(const std::vector<Vec>& colors, float exposure) {
  double sum = 0;
  for (const Vec& c : colors) sum += std::min((c.x + c.y + c.z) / 3, 2.0F);
  const float mean = static_cast<float>(sum / static_cast<double>(colors.size()));
  const float gain = exposure * std::clamp(0.24F / std::max(mean, 1e-4F), 0.2F, 8.0F);
  const auto coded = [&](float linear) {
    const float value = std::pow(std::clamp(linear * gain, 0.0F, 1.0F), 1 / 2.2F);
    return static_cast<std::uint8_t>(value * 255 + 0.5F);
  };
  std::vector<std::uint8_t> rgb;
  rgb.reserve(colors.size() * 3);
  for (const Vec& c : colors) {
    rgb.push_back(coded(c.x));
    rgb.push_back(coded(c.y));
    rgb.push_back(coded(c.z));
  }
  return rgb;
}

}  // namespace

Picture render(const Scene& scene, int width, int height) {
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  std::vector<Vec> colors(pixels);
  std::vector<float> inverse(pixels);
  const Renderer renderer(scene, width, height);
  for (int top = 0; top < height; top += tile) {
    for (int left = 0; left < width; left += tile) {
      renderer.render_tile(left, top, colors, inverse);
    }
  }
  return {width, height, expose(colors, scene.exposure), std::move(inverse), scene.shallow_focus};
}

}  // namespace train_builtin
