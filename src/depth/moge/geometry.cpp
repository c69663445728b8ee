// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/geometry.hpp"

#include <cmath>
#include <cstddef>

#include <ATen/ATen.h>

#include "depth/moge/token_grid.hpp"

namespace depthcloud {
namespace {

/// Rows and columns of samples.
constexpr std::int64_t samples_a_side = 64;

/// A focal length beyond this is no estimate: as many widths of the image.
constexpr double longest_focal = 1e3;

constexpr double valid_from = 0.5;

/// The pixels that are sampled along one side.
std::vector<std::int64_t> sampled(std::int64_t size) {
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < samples_a_side; ++i) places.push_back(i * size / samples_a_side);
  return places;
}

Grid size_of(const at::Tensor& map) {
  return {static_cast<int>(map.size(-1)), static_cast<int>(map.size(-2))};
}

bool is_plausible(double focal, const Grid& image) {
  return std::isfinite(focal) && focal > 0 &&
         camera_of(focal, image).fx < longest_focal * image.width;
}

}  // namespace

std::vector<PointSample> take_samples(const at::Tensor& points, const at::Tensor& mask) {
  const Grid image = size_of(points);
  const std::vector<std::int64_t> rows = sampled(image.height);
  const std::vector<std::int64_t> columns = sampled(image.width);
  const auto take = [&](const at::Tensor& plane) {
    return plane.index_select(-2, at::tensor(rows, at::kLong).to(plane.device()))
        .index_select(-1, at::tensor(columns, at::kLong).to(plane.device()))
        .cpu();
  };
  const at::Tensor taken = take(points);
  const at::Tensor inside =
      mask.defined() ? take(mask) : at::ones({samples_a_side, samples_a_side}, at::kBool);
  const auto xyz = taken.accessor<float, 3>();
  const auto valid = inside.accessor<bool, 2>();
  const ViewPlane plane = view_plane(image);
  const std::vector<float> u = pixel_centres(image.width, plane.width);
  const std::vector<float> v = pixel_centres(image.height, plane.height);
  std::vector<PointSample> samples;
  for (std::int64_t i = 0; i < samples_a_side; ++i) {
    for (std::int64_t j = 0; j < samples_a_side; ++j) {
      if (!valid[i][j]) continue;
      const auto row = static_cast<std::size_t>(rows[static_cast<std::size_t>(i)]);
      const auto column = static_cast<std::size_t>(columns[static_cast<std::size_t>(j)]);
      samples.push_back({xyz[0][i][j], xyz[1][i][j], xyz[2][i][j], u[column], v[row]});
    }
  }
  return samples;
}

double focal_of(const Intrinsics& camera, const Grid& image) {
  return 2 * camera.fx / image.width * view_plane(image).width;
}

Intrinsics camera_of(double focal, const Grid& image) {
  const double pixels = focal / (2 * view_plane(image).width) * image.width;
  return {pixels, pixels, 0.5 * image.width - 0.5, 0.5 * image.height - 0.5};
}

MogeGeometry to_geometry(const MogeImage& image, const std::optional<Intrinsics>& known) {
  const Grid size = size_of(image.points);
  at::Tensor mask = image.mask.defined() ? image.mask > valid_from : at::Tensor{};
  const std::vector<PointSample> samples = take_samples(image.points, mask);

  MogeGeometry geometry;
  if (known) {
    geometry.fit = recover_focal_shift(samples, focal_of(*known, size));
  } else {
    geometry.fit = recover_focal_shift(samples);
    if (is_plausible(geometry.fit.focal, size)) {
      geometry.camera = camera_of(geometry.fit.focal, size);
    } else {
      const Intrinsics assumed =
          Intrinsics::from_fov(default_horizontal_fov_degrees, size.width, size.height);
      geometry.fit = recover_focal_shift(samples, focal_of(assumed, size));
    }
  }

  geometry.depth = image.points[2] + geometry.fit.shift;
  const at::Tensor in_front = geometry.depth > 0;
  mask = mask.defined() ? mask.logical_and_(in_front) : in_front;
  if (image.scale.defined()) geometry.depth.mul_(image.scale);
  geometry.depth.masked_fill_(mask.logical_not(), 0);
  if (image.normals.defined()) {
    geometry.normals = image.normals.mul(mask).permute({1, 2, 0}).contiguous();
  }
  return geometry;
}

}  // namespace depthcloud
