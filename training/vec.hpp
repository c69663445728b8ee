// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

namespace train_builtin {

/// A point, direction or colour.
struct Vec {
  float x = 0, y = 0, z = 0;
};

inline Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec operator-(Vec a, Vec b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec operator*(Vec a, Vec b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
inline Vec operator/(Vec a, Vec b) { return {a.x / b.x, a.y / b.y, a.z / b.z}; }
inline Vec operator*(Vec a, float s) { return {a.x * s, a.y * s, a.z * s}; }
inline Vec operator*(float s, Vec a) { return a * s; }
inline float dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec cross(Vec a, Vec b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline float length(Vec a) { return std::sqrt(dot(a, a)); }
inline Vec normalized(Vec a) { return a * (1.0F / length(a)); }
inline Vec mix(Vec a, Vec b, float t) { return a + (b - a) * t; }
inline Vec clamp(Vec a, float low, float high) {
  return {std::clamp(a.x, low, high), std::clamp(a.y, low, high), std::clamp(a.z, low, high)};
}

/// An orthonormal frame; `x`, `y` and `z` are its axes in world coordinates.
struct Frame {
  Vec x{1, 0, 0}, y{0, 1, 0}, z{0, 0, 1};

  Vec to_local(Vec v) const { return {dot(v, x), dot(v, y), dot(v, z)}; }
  Vec to_world(Vec v) const { return x * v.x + y * v.y + z * v.z; }
};

/// Yaw about the vertical, then pitch about the frame's x, then roll about its z; radians.
inline Frame rotation(float yaw, float pitch = 0, float roll = 0) {
  const float cy = std::cos(yaw), sy = std::sin(yaw);
  const float cp = std::cos(pitch), sp = std::sin(pitch);
  const float cr = std::cos(roll), sr = std::sin(roll);
  const Vec right{cy, 0, -sy};
  const Vec up{sy * sp, cp, cy * sp};
  const Vec forward{sy * cp, -sp, cy * cp};
  return {right * cr + up * sr, up * cr - right * sr, forward};
}

/// A frame inside a frame.
inline Frame compose(const Frame& outer, const Frame& inner) {
  return {outer.to_world(inner.x), outer.to_world(inner.y), outer.to_world(inner.z)};
}

}  // namespace train_builtin
