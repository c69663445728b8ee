// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include <depthcloud/depth_map.hpp>
#include <depthcloud/image.hpp>

namespace depthcloud {

/// One plane of float32 values, row-major, height x width.
struct Plane {
  int width = 0;
  int height = 0;
  std::vector<float> values;
};

/// Scale and limit of a depth file.
struct DepthFileOptions {
  /// Multiplies the values of the file. For the usual 16-bit PNG in millimetres, 0.001 gives
  /// metres.
  double scale = 1.0;
  std::int64_t max_pixels = 32'000'000;  ///< checked in the header, before anything is allocated
};

/// Returns the depth plane of a `.npy` file (2-D, C or Fortran order, f4, f8 or u2 in either byte
/// order) or of a 16-bit grayscale `.png`; the first bytes decide which. Throws
/// Error{code, stage file}: corrupt_data, unsupported, limit_exceeded, invalid_argument (an
/// option), out_of_memory. All functions of this header are thread-safe.
Plane read_depth(std::span<const std::uint8_t> bytes, const DepthFileOptions& options = {});

/// Returns the bytes of a `.npy` file (version 1.0, C order, <f4) of shape (height, width).
std::vector<std::uint8_t> encode_npy(std::span<const float> values, int width, int height);

/// Returns the bytes of a little-endian PFM file (bottom row first, as the format requires).
std::vector<std::uint8_t> encode_pfm(std::span<const float> values, int width, int height);

/// Returns the bytes of a 16-bit grayscale PNG with the values round(depth * units_per_depth),
/// clamped to 65535; 0 means no depth. With metres, 1000 gives millimetres.
std::vector<std::uint8_t> encode_depth_png16(std::span<const float> depth, int width, int height,
                                             double units_per_depth = 1000.0);

/// Returns an RGB picture of a depth map: inverse depth from its 2nd to its 98th percentile, near
/// warm and far cold; pixels without depth are black. Throws Error{invalid_argument} if the view is
/// not valid.
Image color_map(const DepthView& depth);

/// Returns the bytes of an 8-bit PNG.
std::vector<std::uint8_t> encode_png(const ImageView& image);

}  // namespace depthcloud
