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

/// A borrowed depth map in host memory: what CloudBuilder reads, and the way in for RGB-D
/// cameras. All planes are height x width, row-major, rows packed; depth is z along the optical
/// axis (not the ray length). A pixel whose depth is not finite or not positive has no depth.
struct DepthView {
  int width = 0;
  int height = 0;
  const float* depth = nullptr;
  const float* confidence = nullptr;  ///< nullptr: 1 everywhere
  Intrinsics intrinsics{};            ///< in pixels of this grid
};

/// Throws Error{invalid_argument} unless the view has a depth plane, positive sizes and valid
/// intrinsics.
void validate(const DepthView& depth);

/// The planes of a depth map that lives in host memory. `confidence` and `sky` may be empty.
struct DepthPlanes {
  std::vector<float> depth;
  std::vector<float> confidence;  ///< in the model's own units; empty: 1 everywhere
  std::vector<std::uint8_t> sky;  ///< 1 where the model sees sky; empty: not known
};

/// The same planes in memory that someone else owns and that `owner` keeps alive and unchanged.
struct SharedDepthPlanes {
  const float* depth = nullptr;
  const float* confidence = nullptr;  ///< nullptr: 1 everywhere
  const std::uint8_t* sky = nullptr;  ///< nullptr: not known
  std::shared_ptr<const void> owner;
};

/// What a depth map says beside its planes.
struct DepthInfo {
  Intrinsics intrinsics{};  ///< in pixels of the depth map's grid
  IntrinsicsSource intrinsics_source = IntrinsicsSource::default_fov;
  bool metric = false;                     ///< the unit is known to be metres
  std::optional<Extrinsics> extrinsics{};  ///< world to camera, where the model gives one
  /// The part of the image that the grid shows: less than all where the network crops.
  ImageRegion region{};
};

/// Depth on the network's grid, on the device where it was made. An immutable value: copies share
/// the planes. Thread-safety: share freely.
class DepthMap {
 public:
  /// No depth: 0 x 0.
  DepthMap() = default;

  /// Takes host planes. Throws Error{invalid_argument} when a plane's size is not width * height
  /// or the intrinsics are not valid.
  DepthMap(int width, int height, DepthPlanes planes, const DepthInfo& info);

  /// Shares host planes without a copy. Errors as above.
  DepthMap(int width, int height, SharedDepthPlanes planes, const DepthInfo& info);

  int width() const noexcept { return width_; }
  int height() const noexcept { return height_; }
  const DepthInfo& info() const noexcept { return info_; }
  const Intrinsics& intrinsics() const noexcept { return info_.intrinsics; }
  /// True only when the unit is known to be metres; otherwise the scale is arbitrary.
  bool is_metric() const noexcept { return info_.metric; }
  Device device() const;

  /// The planes, height * width values each, row-major. Depth is z along the optical axis; a value
  /// that is not finite or not positive means no depth. Confidence is in the model's own units and
  /// 1 everywhere for a model without one; `sky` is empty for a model without one.
  /// Host memory only: Error{unavailable} on another device, see host().
  std::span<const float> depth() const;
  std::span<const float> confidence() const;
  std::span<const std::uint8_t> sky() const;

  /// This map in host memory: itself, or a copy of what is on the device.
  DepthMap host() const;

  /// Bilinear interpolation of depth and confidence to another size, nearest for sky; intrinsics
  /// follow. Each value is a mean of valid neighbours only. In host memory.
  DepthMap resized(int width, int height) const;

  /// A borrowed view of the host planes, valid while this map lives. Error{unavailable} as depth().
  DepthView view() const&;
  DepthView view() const&& = delete;

 private:
  friend class DeviceDepth;  // which the library makes; see torch.hpp for the way in

  int width_ = 0;
  int height_ = 0;
  DepthInfo info_{};
  SharedDepthPlanes on_host_;
  std::shared_ptr<const DeviceDepth> on_device_;
};

}  // namespace depthcloud
