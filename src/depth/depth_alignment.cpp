// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/depth_alignment.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/address_space.hpp"
#include "core/memory_errors.hpp"
#include "depth/depth_steps.hpp"
#include "depth/pinhole.hpp"

namespace depthcloud {
namespace {

constexpr double most_pixels = 16;  // to each side, that one pixel of depth fills

/// A direction or a position of a camera.
struct Vector {
  double x = 0;
  double y = 0;
  double z = 0;
};

Vector operator+(const Vector& a, const Vector& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
Vector operator*(double factor, const Vector& a) {
  return {factor * a.x, factor * a.y, factor * a.z};
}

/// One column of [R|t].
Vector column(const Extrinsics& extrinsics, std::size_t index) {
  return {extrinsics[index], extrinsics[4 + index], extrinsics[8 + index]};
}

/// The pixels of one axis whose centres lie in a range.
struct Span {
  int first = 0;
  int last = -1;
};

/// Those from `center` - `half` up to below `center` + `half`, of `size` pixels. `half` is at least
/// 1/2. No std::ceil, which is a call on processors without SSE4.1.
Span pixels_within(double center, double half, int size) {
  const double low = center - half;
  const double high = center + half;
  if (!(high > 0 && low <= size - 1)) return {};
  const auto ceiling = [](double value) {
    const int whole = static_cast<int>(value);
    return whole + static_cast<int>(whole < value);
  };
  return {ceiling(std::max(low, 0.0)), ceiling(std::min(high, static_cast<double>(size))) - 1};
}

/// What the numbers of a depth map are.
struct Unit {
  bool is_metric = false;
  MetresSource source = MetresSource::unknown;
};

/// `depth_at(i)` is the depth of pixel i; the other planes and the camera are those of `depth`.
template <typename DepthAt>
DepthMap align(const DepthView& depth, const DepthAt& depth_at, const AlignmentTarget& target,
               const Unit& unit) {
  const Intrinsics& from = depth.intrinsics;
  const Intrinsics& to = target.intrinsics;
  const Extrinsics& pose = target.extrinsics;
  const Vector shift = column(pose, 3);
  const double half_u = (std::abs(pose[0]) / from.fx + std::abs(pose[1]) / from.fy) * to.fx / 2;
  const double half_v = (std::abs(pose[4]) / from.fx + std::abs(pose[5]) / from.fy) * to.fy / 2;
  const auto half = [&](double scale, double of_unit) {
    return target.splat ? std::clamp(scale * of_unit, 0.5, most_pixels) : 0.5;
  };

  std::vector<Vector> ray_u(static_cast<std::size_t>(depth.width));
  for (int u = 0; u < depth.width; ++u) {
    ray_u[static_cast<std::size_t>(u)] = ((u - from.cx) / from.fx) * column(pose, 0);
  }
  const std::size_t area =
      static_cast<std::size_t>(target.width) * static_cast<std::size_t>(target.height);
  DepthPlanes planes;
  planes.depth.assign(area, 0.0f);
  if (depth.confidence != nullptr) planes.confidence.assign(area, 0.0f);

  std::size_t i = 0;
  for (int v = 0; v < depth.height; ++v) {
    const Vector ray_v = ((v - from.cy) / from.fy) * column(pose, 1) + column(pose, 2);
    for (int u = 0; u < depth.width; ++u, ++i) {
      const double d = depth_at(i);
      if (!(d > 0 && d <= std::numeric_limits<float>::max())) continue;
      const Vector point = d * (ray_u[static_cast<std::size_t>(u)] + ray_v) + shift;
      const auto z = static_cast<float>(point.z);
      if (!(z > 0 && z <= std::numeric_limits<float>::max())) continue;
      const double scale = d / point.z;
      const Span columns =
          pixels_within(to.fx * point.x / point.z + to.cx, half(scale, half_u), target.width);
      const Span rows =
          pixels_within(to.fy * point.y / point.z + to.cy, half(scale, half_v), target.height);
      for (int row = rows.first; row <= rows.last; ++row) {
        const std::size_t start =
            static_cast<std::size_t>(row) * static_cast<std::size_t>(target.width);
        for (int column = columns.first; column <= columns.last; ++column) {
          const std::size_t at = start + static_cast<std::size_t>(column);
          float& nearest = planes.depth[at];
          if (nearest > 0 && nearest <= z) continue;
          nearest = z;
          if (depth.confidence != nullptr) planes.confidence[at] = depth.confidence[i];
        }
      }
    }
  }
  return {target.width,
          target.height,
          std::move(planes),
          {.intrinsics = to,
           .intrinsics_source = IntrinsicsSource::options,
           .metric = unit.is_metric,
           .metres_source = unit.source}};
}

template <typename DepthAt>
DepthMap align_checked(const DepthView& depth, const DepthAt& depth_at,
                       const AlignmentTarget& target, const Unit& unit) {
  validate(target);
  return with_memory_errors(Stage::cloud, "not enough memory to align depth",
                            [&] { return align(depth, depth_at, target, unit); });
}

DepthMap align_floats(const DepthView& depth, const AlignmentTarget& target, const Unit& unit) {
  validate(depth);
  return align_checked(
      depth, [plane = depth.depth](std::size_t i) { return plane[i]; }, target, unit);
}

}  // namespace

void validate(const AlignmentTarget& target) {
  const auto fail = [](const std::string& message) {
    throw Error(ErrorCode::invalid_argument, Stage::cloud, "the alignment target: " + message);
  };
  if (target.width <= 0 || target.height <= 0) {
    fail(fmt::format("size {} x {} is not positive", target.width, target.height));
  }
  const auto row_bytes = target.width * static_cast<std::int64_t>(sizeof(float));
  if (!fits_memory(target.height, row_bytes)) {
    fail(fmt::format("{} x {} pixels fit no memory", target.width, target.height));
  }
  if (!target.intrinsics.valid()) fail(not_pinhole(target.intrinsics));
  validate_extrinsics(target.extrinsics);
}

DepthMap align_depth(const DepthView& depth, const AlignmentTarget& target) {
  return align_floats(depth, target, {});
}

DepthMap align_depth(const DepthMap& depth, const AlignmentTarget& target) {
  const DepthMap on_host = depth.host();
  return align_floats(on_host.view(), target, {depth.is_metric(), depth.info().metres_source});
}

DepthMap align_depth(const DepthView16& depth, const AlignmentTarget& target) {
  validate(depth);
  const DepthView planes{.width = depth.width,
                         .height = depth.height,
                         .confidence = depth.confidence,
                         .intrinsics = depth.intrinsics};
  return align_checked(planes,
                       [plane = depth.depth, scale = depth.scale](std::size_t i) {
                         return depth_of_steps(plane[i], scale);
                       },
                       target, {true, MetresSource::measured});
}

}  // namespace depthcloud
