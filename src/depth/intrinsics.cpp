// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/intrinsics.hpp>

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

const char* name(IntrinsicsSource source) noexcept {
  switch (source) {
    case IntrinsicsSource::options:
      return "options";
    case IntrinsicsSource::model:
      return "model";
    case IntrinsicsSource::exif:
      return "exif";
    case IntrinsicsSource::default_fov:
      return "default_fov";
  }
  return "unknown";
}

}  // namespace depthcloud
