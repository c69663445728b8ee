// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include <depthcloud/intrinsics.hpp>

#include "depth/grid.hpp"
#include "depth/moge/recover.hpp"

namespace depthcloud {

/// The samples of a point map [3, H, W] for recover_focal_shift(): 64 x 64 nearest pixels, row by
/// row, those inside of the mask [H, W] of bool, if there is one.
std::vector<PointSample> take_samples(const at::Tensor& points, const at::Tensor& mask);

/// Focal lengths in units of half the image's diagonal, from and to intrinsics of square pixels
/// with the principal point in the centre of the image.
double focal_of(const Intrinsics& camera, const Grid& image);
Intrinsics camera_of(double focal, const Grid& image);

/// What the network says of one image; undefined where it has no such head.
struct MogeImage {
  at::Tensor points;   ///< [3, H, W]
  at::Tensor mask;     ///< [H, W], a probability
  at::Tensor normals;  ///< [3, H, W]
  at::Tensor scale;    ///< one number
};

/// An image's geometry: the planes of its depth map.
struct MogeGeometry {
  at::Tensor depth;    ///< [H, W], 0 outside of the mask and behind the camera
  at::Tensor normals;  ///< [H, W, 3], 0 there; undefined: none
  FocalShift fit;
  /// Not set: the camera was known, or the point map is that of no camera; its depth is then that
  /// of a camera of the default field of view.
  std::optional<Intrinsics> camera{};
};

/// Turns a point map into depth. A camera that is known is taken for one of square pixels, whose
/// horizontal field of view counts.
MogeGeometry to_geometry(const MogeImage& image, const std::optional<Intrinsics>& known);

}  // namespace depthcloud
