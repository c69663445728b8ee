// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <depthcloud/depth_map.hpp>
#include <depthcloud/estimator.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/intrinsics.hpp>

#include "size.hpp"

namespace cli {

/// A camera and how it is known.
struct DepthCamera {
  depthcloud::Intrinsics intrinsics;  ///< in pixels of the depth map as it is in its file
  depthcloud::IntrinsicsSource source = depthcloud::IntrinsicsSource::default_fov;
  std::string origin;  ///< for people
};

/// Where a camera is looked for.
struct CameraSources {
  depthcloud::EstimatorOptions options;  ///< its intrinsics or field of view
  std::optional<Size> intrinsics_size;
  depthcloud::PhotoInfo photo;  ///< upright; without a size: there is none
};

/// The camera of a depth map of this size, which `orientation` will turn upright: of the options,
/// else of the photo's EXIF record, else one of 60 degrees. Intrinsics count in pixels of
/// `intrinsics_size`; without it in those of the depth map, unless only in the photo's pixels their
/// centre is near that of the picture. Throws std::runtime_error where they fit neither, or both.
DepthCamera camera_of(const CameraSources& sources, const Size& depth, int orientation);

/// Whether a camera may be that of a picture of this size: its centre is within, its view is that
/// of a lens.
bool is_likely_camera(const depthcloud::Intrinsics& camera, const Size& size);

/// One line on the camera of a depth map that was made.
std::string camera_line(const depthcloud::DepthMap& depth, const std::string& origin);

/// Where a camera that a network was given, or gave, came from.
const char* origin_of(depthcloud::IntrinsicsSource source);

}  // namespace cli
