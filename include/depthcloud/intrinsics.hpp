// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include <depthcloud/stage.hpp>

namespace depthcloud {

/// Pinhole intrinsics in pixels of one image size. The ray of pixel (u, v), with integer u and v,
/// is x = (u - cx) / fx, y = (v - cy) / fy, z = 1, without a half-pixel shift.
struct Intrinsics {
  double fx = 0;  ///< focal length along u, pixels
  double fy = 0;  ///< focal length along v, pixels
  double cx = 0;  ///< principal point, pixels
  double cy = 0;  ///< principal point, pixels

  /// Returns intrinsics with square pixels and the principal point (width / 2, height / 2). Throws
  /// Error{invalid_argument} unless `horizontal_fov_degrees` is between 0 and 180, both excluded.
  static Intrinsics from_fov(double horizontal_fov_degrees, int width, int height);

  /// Returns the intrinsics of the same camera after the image is scaled to another size: fx and cx
  /// times to_width / from_width, fy and cy times to_height / from_height.
  Intrinsics scaled_to(int from_width, int from_height, int to_width, int to_height) const;

  /// Returns true if the focal lengths are positive and all four values are finite.
  bool valid() const noexcept;

  bool operator==(const Intrinsics&) const = default;
};

/// Where the intrinsics of a depth map came from, in the order of preference.
enum class IntrinsicsSource { options, model, exif, default_fov };

/// Returns "options", "model", "exif" or "default_fov".
const char* to_string(IntrinsicsSource source) noexcept;

/// The horizontal field of view of an unknown camera, in degrees. For comparison: a 28 mm lens on
/// 36 mm wide film has 65, the main camera of a phone 60 to 70, a laptop camera 55.
inline constexpr double default_horizontal_fov_degrees = 60.0;

/// A rigid world-to-camera transform, row-major 3 x 4: x_camera = R x_world + t, both in the
/// `opencv` axes (x right, y down, z forward). Translation in the depth map's unit.
using Extrinsics = std::array<double, 12>;

/// Throws Error{invalid_argument, stage} unless all twelve values are finite and the rotation is
/// valid: rows of length 1 that are orthogonal within 1e-3, right-handed.
void validate_extrinsics(const Extrinsics& extrinsics, Stage stage = Stage::cloud);

}  // namespace depthcloud
