// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/intrinsics.hpp>

#include "core/enum_names.hpp"

namespace depthcloud {

Intrinsics Intrinsics::from_fov(double horizontal_fov_degrees, int width, int height) {
  if (!(horizontal_fov_degrees > 0 && horizontal_fov_degrees < 180)) {
    throw Error(
        ErrorCode::invalid_argument, Stage::load,
        fmt::format("field of view {} is not between 0 and 180 degrees", horizontal_fov_degrees));
  }
  const double half_angle = horizontal_fov_degrees * std::numbers::pi / 360.0;
  const double focal = width / 2.0 / std::tan(half_angle);
  return {focal, focal, width / 2.0, height / 2.0};
}

Intrinsics Intrinsics::scaled_to(int from_width, int from_height, int to_width,
                                 int to_height) const {
  const double sx = static_cast<double>(to_width) / from_width;
  const double sy = static_cast<double>(to_height) / from_height;
  return {fx * sx, fy * sy, cx * sx, cy * sy};
}

bool Intrinsics::valid() const noexcept {
  return std::isfinite(fx) && std::isfinite(fy) && std::isfinite(cx) && std::isfinite(cy) &&
         fx > 0 && fy > 0;
}

void validate_extrinsics(const Extrinsics& extrinsics, Stage stage) {
  constexpr double tolerance = 1e-3;
  const auto r = [&](std::size_t row, std::size_t column) { return extrinsics[4 * row + column]; };
  const bool finite = std::all_of(extrinsics.begin(), extrinsics.end(),
                                  [](double value) { return std::isfinite(value); });
  double worst = 0;  // of R R^T - I
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = i; j < 3; ++j) {
      const double dot = r(i, 0) * r(j, 0) + r(i, 1) * r(j, 1) + r(i, 2) * r(j, 2);
      worst = std::max(worst, std::abs(dot - (i == j ? 1.0 : 0.0)));
    }
  }
  const double determinant = r(0, 0) * (r(1, 1) * r(2, 2) - r(1, 2) * r(2, 1)) -
                             r(0, 1) * (r(1, 0) * r(2, 2) - r(1, 2) * r(2, 0)) +
                             r(0, 2) * (r(1, 0) * r(2, 1) - r(1, 1) * r(2, 0));
  if (finite && worst <= tolerance && determinant > 0) return;
  throw Error(ErrorCode::invalid_argument, stage,
              finite ? "extrinsics do not hold a rotation: rows of [R|t] with R of length 1, "
                       "orthogonal and right-handed are expected"
                     : "extrinsics hold a number that is not finite");
}

const char* to_string(IntrinsicsSource source) noexcept {
  constexpr EnumNames<IntrinsicsSource, 4> sources{{"options", "model", "exif", "default_fov"}};
  return sources.to_string(source);
}

}  // namespace depthcloud
