// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <depthcloud/device.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/intrinsics.hpp>

namespace depthcloud {

class DeviceDepth;  // internal

/// A borrowed depth map in host memory, for instance of an RGB-D camera; CloudBuilder reads it. All
/// planes are height x width, row-major, with packed rows. Depth is z along the optical axis (not
/// the length of the ray). A pixel whose depth is not finite or not positive has no depth. The
/// caller keeps the planes alive and unchanged while the view is used.
struct DepthView {
  int width = 0;
  int height = 0;
  const float* depth = nullptr;
  const float* confidence = nullptr;  ///< nullptr: 1 everywhere
  Intrinsics intrinsics{};            ///< in pixels of this grid
  const float* normals = nullptr;     ///< three values a pixel, see DepthPlanes; nullptr: not known
};

/// Throws Error{invalid_argument, stage cloud} unless the view has a depth plane, positive sizes,
/// not more than 2^47 bytes and valid intrinsics.
void validate(const DepthView& depth);

/// The same of 16-bit integers, as depth cameras and PNG files have it: depth is `depth` times
/// `scale`, and 0 means no depth.
struct DepthView16 {
  int width = 0;
  int height = 0;
  const std::uint16_t* depth = nullptr;
  double scale = 0.001;               ///< metres of one step: 0.001 for millimetres
  const float* confidence = nullptr;  ///< nullptr: 1 everywhere
  Intrinsics intrinsics{};            ///< in pixels of this grid
};

/// Throws Error{invalid_argument, stage cloud} unless the view has a depth plane, positive sizes, a
/// finite scale above 0 and valid intrinsics.
void validate(const DepthView16& depth);

/// The planes of a depth map in host memory, width * height values each, row-major; of `normals`
/// three for each pixel, x, y, z. All but `depth` may be empty.
struct DepthPlanes {
  std::vector<float> depth;       ///< z along the optical axis
  std::vector<float> confidence;  ///< in the model's own units; empty: 1 everywhere
  std::vector<std::uint8_t> sky;  ///< 1 where the model detects sky; empty: not known
  /// Unit vectors in the camera frame, `opencv` axes, at right angles to the surface and towards
  /// the camera; 0 where there is no depth. Empty: not known.
  std::vector<float> normals{};
};

/// The same planes in foreign memory, which `owner` keeps alive and which must not change.
struct SharedDepthPlanes {
  const float* depth = nullptr;
  const float* confidence = nullptr;  ///< nullptr: 1 everywhere
  const std::uint8_t* sky = nullptr;  ///< nullptr: not known
  std::shared_ptr<const void> owner;
  const float* normals = nullptr;  ///< nullptr: not known
};

/// Where the metres of a depth map come from.
enum class MetresSource {
  unknown,       ///< it is not in metres, or its maker did not say
  model,         ///< the network that estimated it
  metric_model,  ///< a second network, see EstimatorOptions::metric_model
  known_depth,   ///< known depths, see apply_scale()
  measured,      ///< a depth camera
};

/// Returns "unknown", "model", "metric_model", "known_depth" or "measured".
const char* to_string(MetresSource source) noexcept;

/// The properties of a depth map other than its planes.
struct DepthInfo {
  Intrinsics intrinsics{};  ///< in pixels of the depth map's grid
  IntrinsicsSource intrinsics_source = IntrinsicsSource::default_fov;
  bool metric = false;                     ///< the unit is known to be metres
  std::optional<Extrinsics> extrinsics{};  ///< world to camera; only if the model estimates it
  /// The part of the image that the grid shows; smaller than the image if the network crops.
  ImageRegion region{};
  MetresSource metres_source = MetresSource::unknown;
};

/// Depth on the network's grid, on the device that computed it. An immutable value: copies share
/// the planes. Thread-safe.
class DepthMap {
 public:
  /// Makes an empty map of 0 x 0 pixels.
  DepthMap() = default;

  /// Takes ownership of host planes. Throws Error{invalid_argument, stage cloud} if the size of a
  /// plane is not width * height or the intrinsics are not valid.
  DepthMap(int width, int height, DepthPlanes planes, const DepthInfo& info);

  /// Shares host planes without a copy. Throws as above.
  DepthMap(int width, int height, SharedDepthPlanes planes, const DepthInfo& info);

  int width() const noexcept { return width_; }
  int height() const noexcept { return height_; }
  const DepthInfo& info() const noexcept { return info_; }
  const Intrinsics& intrinsics() const noexcept { return info_.intrinsics; }
  /// Returns true only if the unit is known to be metres; otherwise the scale is arbitrary.
  bool is_metric() const noexcept { return info_.metric; }
  /// Returns the device that holds the planes.
  Device device() const;

  /// Return the planes, height * width values each, row-major, valid while this map or a copy of it
  /// exists. Depth is z along the optical axis; a value that is not finite or not positive means no
  /// depth. Confidence is in the model's own units; it is 1 everywhere if the model has none. `sky`
  /// is empty if the model has none. `normals`, three values a pixel as in DepthPlanes, is empty
  /// unless the model computed them (EstimatorOptions::normals). Throw Error{unavailable} if the
  /// planes are not in host memory, see host().
  std::span<const float> depth() const;
  std::span<const float> confidence() const;
  std::span<const std::uint8_t> sky() const;
  std::span<const float> normals() const;

  /// Returns this map in host memory: itself, or a copy of the planes on the device.
  DepthMap host() const;

  /// Returns the map at another size, in host memory. Depth and confidence are interpolated
  /// bilinearly, between valid neighbours only; normals likewise, and brought to length 1 again;
  /// sky is taken from the nearest pixel. The intrinsics are scaled. Throws Error{invalid_argument}
  /// if a size is not positive.
  DepthMap resized(int width, int height) const;

  /// Returns a borrowed view of the host planes, valid while this map exists. Throws
  /// Error{unavailable} as depth().
  DepthView view() const&;
  DepthView view() const&& = delete;

 private:
  friend class DeviceDepth;  // made only by the library; to_depth_map() of torch.hpp takes tensors

  int width_ = 0;
  int height_ = 0;
  DepthInfo info_{};
  SharedDepthPlanes on_host_;
  std::shared_ptr<const DeviceDepth> on_device_;
};

/// Returns the depth of a view as a metric map of its own, with the view's intrinsics as those of
/// the options. Throws Error{invalid_argument, stage cloud} if the view is not valid.
DepthMap to_depth_map(const DepthView16& depth);

}  // namespace depthcloud
