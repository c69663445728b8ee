// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/depth_map.hpp>
#include <depthcloud/intrinsics.hpp>

namespace depthcloud {

/// A calibrated camera onto whose pixels depth is aligned: of an RGB-D pair, the colour camera.
struct AlignmentTarget {
  int width = 0;            ///< pixels
  int height = 0;           ///< pixels
  Intrinsics intrinsics{};  ///< in pixels of that size
  /// Depth camera to this camera, `opencv` axes, translation in the unit of the depth:
  /// x_target = R x_depth + t.
  Extrinsics extrinsics{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
  /// Lets a pixel of depth fill all target pixels that it covers, so that a surface stays closed
  /// where the target has the finer pixels. Off: it fills one, the nearest.
  bool splat = true;
};

/// Throws Error{invalid_argument, stage cloud} if a size is not positive, or the intrinsics or
/// extrinsics are not valid.
void validate(const AlignmentTarget& target);

/// Returns the depth that the target camera would see, on its grid: each pixel of depth is
/// unprojected, moved to the target camera and projected there. Where several meet, the nearest
/// wins; pixels that none reaches, and those that the target cannot see, are 0: no depth. What is
/// behind the target camera is dropped. With AlignmentTarget::splat, a pixel of depth fills the
/// target pixels whose centres lie in the box around its projected square, to first order:
/// |u - u0| <= s (|R00| / fx + |R01| / fy) fx' / 2 with s the depth before over the depth after
/// (vertically with the second row of R and fy'), at least half a pixel and at most 16 pixels to
/// each side. Confidence, if the depth has it, moves along (0 where there is no depth). The result
/// has the target's intrinsics, is metric if a DepthMap or DepthView16 was given that is, and is
/// the same on every processor.
/// Throws Error{invalid_argument, stage cloud} if the depth or the target is not valid,
/// Error{out_of_memory, stage cloud}. A DepthMap on a device is copied to the host. Thread-safe.
DepthMap align_depth(const DepthMap& depth, const AlignmentTarget& target);
DepthMap align_depth(const DepthView& depth, const AlignmentTarget& target);
DepthMap align_depth(const DepthView16& depth, const AlignmentTarget& target);

}  // namespace depthcloud
