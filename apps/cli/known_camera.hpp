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
  std::string origin;    ///< for people
  std::string remark{};  ///< what its user should know of it; mostly empty
  bool turned = false;   ///< told of a picture that lies otherwise than the depth map
};

/// Where a camera is looked for.
struct CameraSources {
  depthcloud::EstimatorOptions options;  ///< its intrinsics or field of view
  std::optional<Size> intrinsics_size;
  depthcloud::PhotoInfo photo;        ///< upright; without a size: there is none
  const char* picture = "depth map";  ///< what messages call it
  bool depth_is_apart = true;         ///< the photo is another picture than the depth map
};

/// The camera of a depth map of this size, which `orientation` will turn upright: of the options,
/// else of the photo's EXIF record, else one of 60 degrees. Intrinsics count in pixels of
/// `intrinsics_size`. Without it they count in those of the depth map, unless only as those of the
/// photo, upright or as it was stored, their centre is near that of the picture.
///
/// Throws std::runtime_error where they fit neither or both, where the view is none of a lens (5 to
/// 150 degrees wide, fx and fy within a factor of 3), and where the principal point is a fifth of
/// the picture or more from the centre: that must be said with `intrinsics_size`, and lie within.
DepthCamera camera_of(const CameraSources& sources, const Size& depth, int orientation);

/// Of a photo that goes to a network.
struct PhotoCamera {
  Size picture;        ///< in whose pixels the intrinsics count, of the upright photo
  std::string origin;  ///< for people
  std::string remark;  ///< what its user should know of it; mostly empty
};

/// The same for intrinsics of a photo: which must have some. Throws as camera_of(), and where they
/// count in pixels of the photo before EXIF turned it.
PhotoCamera camera_of_photo(const depthcloud::EstimatorOptions& options,
                            const std::optional<Size>& intrinsics_size,
                            const depthcloud::PhotoInfo& photo);

/// Why a camera cannot be that of a picture of this size; empty: it may.
std::string oddity_of_camera(const depthcloud::Intrinsics& camera, const Size& size);

/// One line on the camera of a depth map that was made.
std::string camera_line(const depthcloud::DepthMap& depth, const std::string& origin);

/// Where a camera that a network was given, or gave, came from.
const char* origin_of(depthcloud::IntrinsicsSource source);

}  // namespace cli
