// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include <depthcloud/intrinsics.hpp>

namespace depthcloud {

/// What the numbers of a depth file measure.
enum class DepthKind {
  z,          ///< depth along the optical axis: what all of this library means by depth
  ray,        ///< distance from the camera's centre along the ray of the pixel
  inverse,    ///< 1 / z, in any unit
  disparity,  ///< pixels between the two pictures of a rectified stereo pair
};

/// "z", "ray", "inverse" or "disparity".
const char* to_string(DepthKind kind) noexcept;
/// The inverse of to_string(); anything else is Error{invalid_argument}.
DepthKind parse_depth_kind(std::string_view text);
/// All of these names, in the order of the enum.
std::span<const char* const> depth_kind_names() noexcept;

/// What numbers measure, and what it takes to make depth of them.
struct DepthMeaning {
  DepthKind kind = DepthKind::z;
  /// Of `disparity`: between the two cameras' centres, in the unit that depth is wanted in.
  double baseline = 0;
  /// Of `disparity`: cx of the right picture less cx of the left one, pixels; Middlebury's `doffs`.
  double disparity_offset = 0;
};

/// Throws Error{invalid_argument, stage file} unless all is finite and a disparity has a positive
/// baseline.
void validate(const DepthMeaning& meaning);

/// Makes depth along the optical axis of a plane of `width` columns, in place. With the camera in
/// pixels of the plane, x = (u - cx) / fx and y = (v - cy) / fy:
///   ray:       z = r / sqrt(x^2 + y^2 + 1), as for the distances of Hypersim and SceneNet RGB-D
///              (https://github.com/apple/ml-hypersim/issues/9)
///   inverse:   z = 1 / value
///   disparity: z = baseline * fx / (value + disparity_offset)
///              (https://vision.middlebury.edu/stereo/data/scenes2014/)
/// Of the last three, what has no depth, by a value that is not finite or not positive or by one of
/// which no depth can come, becomes 0. Throws Error{invalid_argument, stage file}: a meaning that
/// is not valid, a camera that is no pinhole, values that are not whole rows. Thread-safety: share
/// freely.
void convert_to_depth(std::span<float> values, int width, const DepthMeaning& meaning,
                      const Intrinsics& camera);

}  // namespace depthcloud
