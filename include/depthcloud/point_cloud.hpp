// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <depthcloud/buffer.hpp>

namespace depthcloud {

/// Directions of the camera axes in which points are expressed.
enum class Axes {
  opencv,  ///< x right, y down, z forward: the default for files
  opengl,  ///< x right, y up, z backward
  v1,      ///< x right, y up, z FORWARD (left-handed): what wire version 1 carries
};

/// "opencv", "opengl" or "v1".
const char* to_string(Axes axes) noexcept;
/// The inverse of to_string(); anything else is Error{invalid_argument}.
Axes parse_axes(std::string_view text);
/// All of these names, in the order of the enum.
std::span<const char* const> axes_names() noexcept;

/// A borrowed coloured cloud: xyz float32 and rgb uint8, both interleaved, one of each a point.
struct CloudView {
  std::span<const float> positions;      ///< x0 y0 z0 x1 y1 z1 ..., in the depth map's unit
  std::span<const std::uint8_t> colors;  ///< r0 g0 b0 r1 g1 b1 ...
  Axes axes = Axes::opencv;
  int num_views = 0;  ///< of how many registered cameras; 0: not merged

  std::size_t size() const noexcept { return positions.size() / 3; }
};

/// Throws Error{invalid_argument} unless both spans hold three values a point, equally many.
void validate(const CloudView& cloud);

/// An owned coloured cloud in host memory. Thread-safety: one thread at a time; share freely when
/// const.
struct PointCloud {
  Buffer<float> positions;
  Buffer<std::uint8_t> colors;
  Axes axes = Axes::opencv;
  int num_views = 0;

  std::size_t size() const noexcept { return positions.size() / 3; }
  bool empty() const noexcept { return positions.empty(); }
  CloudView view() const& { return {positions.span(), colors.span(), axes, num_views}; }
  CloudView view() const&& = delete;
};

/// Expresses the cloud in other axes, in place.
void convert_axes(PointCloud& cloud, Axes axes);

}  // namespace depthcloud
