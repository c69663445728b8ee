// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <depthcloud/estimator.hpp>

#include "depth/grid.hpp"

namespace depthcloud {

/// The output of a model for one image beside its planes.
struct ViewInfo {
  bool metric = false;                     ///< its depth is in metres
  std::optional<Intrinsics> intrinsics{};  ///< in pixels of the grid
  std::optional<Extrinsics> extrinsics{};  ///< world to camera
};

/// Intrinsics that are known without a network, in pixels of the grid.
struct KnownIntrinsics {
  std::optional<Intrinsics> intrinsics;
  IntrinsicsSource source = IntrinsicsSource::default_fov;  ///< of `intrinsics`, where there are
};

/// From the options, else from the photo's EXIF record. The grid shows `region` of the image.
KnownIntrinsics known_intrinsics(const EstimatorOptions& options, const ImageView& image,
                                 const Grid& grid, const ImageRegion& region = {});

/// All that a depth map says beside its planes. Intrinsics by the order options, model, EXIF,
/// default field of view; a model's that are not valid count as none.
DepthInfo depth_info(const KnownIntrinsics& known, const ImageView& image, const Grid& grid,
                     const ViewInfo& view, const ImageRegion& region = {});

}  // namespace depthcloud
