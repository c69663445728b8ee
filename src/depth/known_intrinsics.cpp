// SPDX-License-Identifier: Apache-2.0
#include "depth/known_intrinsics.hpp"

#include <cmath>

namespace depthcloud {
namespace {

/// The photo that the image was made from, or the image itself.
PhotoInfo photo_of(const ImageView& image) {
  PhotoInfo photo = image.photo;
  if (photo.width <= 0 || photo.height <= 0) {
    photo.width = image.width;
    photo.height = image.height;
  }
  return photo;
}

Intrinsics to_grid(const Intrinsics& of_photo, const PhotoInfo& photo, const Grid& grid) {
  return of_photo.scaled_to(photo.width, photo.height, grid.width, grid.height);
}

Intrinsics to_grid(double fov_degrees, const PhotoInfo& photo, const Grid& grid) {
  return to_grid(Intrinsics::from_fov(fov_degrees, photo.width, photo.height), photo, grid);
}

}  // namespace

KnownIntrinsics known_intrinsics(const EstimatorOptions& options, const ImageView& image,
                                 const Grid& grid) {
  const PhotoInfo photo = photo_of(image);
  if (options.intrinsics) {
    return {to_grid(*options.intrinsics, photo, grid), IntrinsicsSource::options};
  }
  if (options.fov_degrees) {
    return {to_grid(*options.fov_degrees, photo, grid), IntrinsicsSource::options};
  }
  if (photo.focal_px > 0 && std::isfinite(photo.focal_px)) {
    const Intrinsics of_photo{photo.focal_px, photo.focal_px, photo.width / 2.0,
                              photo.height / 2.0};
    return {to_grid(of_photo, photo, grid), IntrinsicsSource::exif};
  }
  return {};
}

DepthInfo depth_info(const EstimatorOptions& options, const ImageView& image, const Grid& grid,
                     const ViewInfo& view) {
  DepthInfo info;
  info.metric = view.metric;
  info.extrinsics = view.extrinsics;
  KnownIntrinsics chosen = known_intrinsics(options, image, grid);
  const bool told = chosen.intrinsics && chosen.source == IntrinsicsSource::options;
  if (!told && view.intrinsics && view.intrinsics->valid()) {
    chosen = {view.intrinsics, IntrinsicsSource::model};
  }
  if (!chosen.intrinsics) {
    chosen = {to_grid(default_horizontal_fov_degrees, photo_of(image), grid),
              IntrinsicsSource::default_fov};
  }
  info.intrinsics = *chosen.intrinsics;
  info.intrinsics_source = chosen.source;
  return info;
}

}  // namespace depthcloud
