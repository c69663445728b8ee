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

/// Limits and meaning of a depth file.
struct DepthFileOptions {
  /// Multiplies the file's values; 16-bit PNG counts millimetres in most sensors' files: 0.001.
  double scale = 1.0;
  std::int64_t max_pixels = 32'000'000;  ///< checked on the header, before anything is allocated
};

/// Reads a depth plane: `.npy` (2-D, C or Fortran order, f4, f8, u2 of either byte order) or 16-bit
/// grayscale `.png`, recognised by the first bytes. Errors (stage file): corrupt_data, unsupported,
/// limit_exceeded. Thread-safety of this header: share freely.
Plane read_depth(std::span<const std::uint8_t> bytes, const DepthFileOptions& options = {});

/// The bytes of a `.npy` file (version 1.0, C order, <f4) of shape (height, width).
std::vector<std::uint8_t> encode_npy(std::span<const float> values, int width, int height);

/// The bytes of a little-endian PFM file (bottom row first, as the format says).
std::vector<std::uint8_t> encode_pfm(std::span<const float> values, int width, int height);

/// The bytes of a 16-bit grayscale PNG: round(depth * units_per_depth), 0 for no depth, clamped to
/// 65535. 1000 makes millimetres of metres.
std::vector<std::uint8_t> encode_depth_png16(std::span<const float> depth, int width, int height,
                                             double units_per_depth = 1000.0);

/// A picture of a depth map: inverse depth between its 2nd and 98th percentile, near warm and far
/// cold, black where there is no depth. RGB.
Image color_map(const DepthView& depth);

/// The bytes of an 8-bit PNG.
std::vector<std::uint8_t> encode_png(const ImageView& image);

}  // namespace depthcloud
