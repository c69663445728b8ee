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

/// The way from pixels of the photo to those of a grid that shows a region of it.
class ToGrid {
 public:
  ToGrid(const PhotoInfo& photo, const Grid& grid, const ImageRegion& region)
      : photo_(photo),
        scale_x_(grid.width / (region.width * photo.width)),
        scale_y_(grid.height / (region.height * photo.height)),
        left_(region.x * photo.width),
        top_(region.y * photo.height) {}

  Intrinsics operator()(const Intrinsics& k) const {
    return {k.fx * scale_x_, k.fy * scale_y_, (k.cx - left_) * scale_x_, (k.cy - top_) * scale_y_};
  }
  Intrinsics operator()(double fov_degrees) const {
    return (*this)(Intrinsics::from_fov(fov_degrees, photo_.width, photo_.height));
  }

 private:
  PhotoInfo photo_;
  double scale_x_;
  double scale_y_;
  double left_;
  double top_;
};

}  // namespace

KnownIntrinsics known_intrinsics(const EstimatorOptions& options, const ImageView& image,
                                 const Grid& grid, const ImageRegion& region) {
  const PhotoInfo photo = photo_of(image);
  const ToGrid to_grid(photo, grid, region);
  if (options.intrinsics) {
    return {to_grid(*options.intrinsics), IntrinsicsSource::options};
  }
  if (options.fov_degrees) {
    return {to_grid(*options.fov_degrees), IntrinsicsSource::options};
  }
  if (photo.focal_px > 0 && std::isfinite(photo.focal_px)) {
    const Intrinsics of_photo{photo.focal_px, photo.focal_px, photo.width / 2.0,
                              photo.height / 2.0};
    return {to_grid(of_photo), IntrinsicsSource::exif};
  }
  return {};
}

DepthInfo depth_info(const KnownIntrinsics& known, const ImageView& image, const Grid& grid,
                     const ViewInfo& view, const ImageRegion& region) {
  DepthInfo info;
  info.metric = view.metric;
  if (view.metric) info.metres_source = MetresSource::model;
  info.extrinsics = view.extrinsics;
  info.region = region;
  const bool of_options = known.intrinsics && known.source == IntrinsicsSource::options;
  if (!of_options && view.intrinsics && view.intrinsics->valid()) {
    info.intrinsics = *view.intrinsics;
    info.intrinsics_source = IntrinsicsSource::model;
  } else if (known.intrinsics) {
    info.intrinsics = *known.intrinsics;
    info.intrinsics_source = known.source;
  } else {
    info.intrinsics = ToGrid(photo_of(image), grid, region)(default_horizontal_fov_degrees);
    info.intrinsics_source = IntrinsicsSource::default_fov;
  }
  return info;
}

}  // namespace depthcloud
