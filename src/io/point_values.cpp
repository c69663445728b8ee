// SPDX-License-Identifier: Apache-2.0
#include "io/point_values.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

struct Name {
  std::string_view name;
  PointValue value;
};

constexpr Name names[] = {
    {"x", PointValue::x},
    {"y", PointValue::y},
    {"z", PointValue::z},
    {"red", PointValue::red},
    {"green", PointValue::green},
    {"blue", PointValue::blue},
    {"r", PointValue::red},
    {"g", PointValue::green},
    {"b", PointValue::blue},
    {"diffuse_red", PointValue::red},
    {"diffuse_green", PointValue::green},
    {"diffuse_blue", PointValue::blue},
    {"rgb", PointValue::packed},
    {"rgba", PointValue::packed},
    {"nx", PointValue::nx},
    {"ny", PointValue::ny},
    {"nz", PointValue::nz},
    {"normal_x", PointValue::nx},
    {"normal_y", PointValue::ny},
    {"normal_z", PointValue::nz},
};

constexpr const char* value_names[] = {"x",    "y",   "z",  "red", "green",
                                       "blue", "rgb", "nx", "ny",  "nz"};

std::uint8_t to_byte(double value, Scalar type) {
  double scale = 1;
  if (type == Scalar::u16) scale = 1.0 / 257;
  if (type == Scalar::f32 || type == Scalar::f64) scale = 255;
  if (!(value > 0)) return 0;  // NaN too
  return static_cast<std::uint8_t>(std::lround(std::min(value * scale, 255.0)));
}

}  // namespace

std::optional<PointValue> point_value(std::string_view name) {
  const auto* const found =
      std::ranges::find_if(names, [&](const Name& known) { return known.name == name; });
  if (found == std::end(names)) return std::nullopt;
  return found->value;
}

std::optional<Axes> axes_of_comment(std::span<const std::string_view> words) {
  if (words.size() != 2 || words[0] != "axes") return std::nullopt;
  for (const char* name : axes_names()) {
    if (words[1] == name) return parse_axes(name);
  }
  return std::nullopt;
}

void PointCollector::Layout::add(PointValue value, Scalar type) {
  const auto i = static_cast<std::size_t>(value);
  if (types_[i]) {
    throw Error(ErrorCode::corrupt_data, Stage::file,
                fmt::format("{}: a point has {} twice", format_, value_names[i]));
  }
  types_[i] = type;
}

void PointCollector::Layout::check() const {
  for (std::size_t i = 0; i < 3; ++i) {
    if (types_[i]) continue;
    throw Error(ErrorCode::corrupt_data, Stage::file,
                fmt::format("{}: the points have no {}", format_, value_names[i]));
  }
}

PointCollector::PointCollector(std::size_t count, const Layout& layout, Axes axes) {
  cloud_.positions.resize(3 * count);
  cloud_.axes = axes;
  const auto &red = layout[PointValue::red], &green = layout[PointValue::green],
             &blue = layout[PointValue::blue];
  if (red && green && blue) {
    colors_ = Colors::channels;
    types_ = {*red, *green, *blue};
  } else if (layout[PointValue::packed]) {
    colors_ = Colors::packed;
  }
  if (colors_ != Colors::none) cloud_.colors.resize(3 * count);
  has_normals_ = layout[PointValue::nx] && layout[PointValue::ny] && layout[PointValue::nz];
  if (has_normals_) cloud_.normals.resize(3 * count);
}

void PointCollector::add(const PointValues& values) {
  float* const xyz = cloud_.positions.data() + 3 * kept_;
  for (std::size_t i = 0; i < 3; ++i) {
    // A double beyond the range of float would be undefined behaviour to convert.
    if (!(std::abs(values[i]) <= std::numeric_limits<float>::max())) return;
    xyz[i] = static_cast<float>(values[i]);
  }
  if (colors_ == Colors::channels) {
    std::uint8_t* const rgb = cloud_.colors.data() + 3 * kept_;
    for (std::size_t i = 0; i < 3; ++i) rgb[i] = to_byte(values[3 + i], types_[i]);
  } else if (colors_ == Colors::packed) {
    std::uint8_t* const rgb = cloud_.colors.data() + 3 * kept_;
    const auto bits =
        static_cast<std::uint32_t>(values[static_cast<std::size_t>(PointValue::packed)]);
    for (std::size_t i = 0; i < 3; ++i) rgb[i] = static_cast<std::uint8_t>(bits >> (16 - 8 * i));
  }
  if (has_normals_) {
    float* const normal = cloud_.normals.data() + 3 * kept_;
    const double* const stored = &values[static_cast<std::size_t>(PointValue::nx)];
    for (std::size_t i = 0; i < 3; ++i) {
      const bool fits = std::abs(stored[i]) <= std::numeric_limits<float>::max();
      normal[i] = fits ? static_cast<float>(stored[i]) : 0.0f;
    }
  }
  ++kept_;
}

PointCloud PointCollector::take() {
  cloud_.positions.resize(3 * kept_);
  if (colors_ != Colors::none) cloud_.colors.resize(3 * kept_);
  if (has_normals_) cloud_.normals.resize(3 * kept_);
  return std::move(cloud_);
}

}  // namespace depthcloud
