// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <depthcloud/depth_kind.hpp>
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
  /// Multiplies the file's values. Without it one rule counts in every format: of the kinds `z` and
  /// `ray` integers of 16, 32 and 64 bits are millimetres (0.001) and floats metres (1); of
  /// `inverse` and `disparity` all values are taken as they are (1).
  std::optional<double> scale{};
  /// What the values measure, where it is said; the rule above takes `z` otherwise. 8-bit values
  /// are read only where this or `scale` is given. read_depth() itself converts nothing: see
  /// convert_to_depth().
  std::optional<DepthKind> kind{};
  /// Which array of a `.npz`, or which channel of a `.exr`. Empty: the only one, or else the one
  /// called `depth` (`.npz`), `Z` or `depth` (`.exr`). Of other formats it must be empty.
  std::string array{};
  std::int64_t max_pixels = 32'000'000;  ///< checked on the header, before anything is allocated
};

/// Returns the depth plane of a file, recognised by its first bytes:
///   .npy   f2, f4, f8, integers of 1 to 8 bytes, either byte order, C or Fortran order; of shape
///          (H, W), or with more sides in front or behind that are all 1
///   .npz   such an array in a zip archive, stored or deflated
///   .pfm   one channel; the size of its scale has no effect, only the sign, which is byte order
///   .png   8- or 16-bit gray; 8-bit colour whose pixels are all gray
///   .pgm   8- or 16-bit, binary or text
///   .tiff  one sample a pixel of 8 to 64 bits, the first picture; if the build has libtiff
///   .exr   half, float or uint, one part; if the build has OpenEXR
/// Throws Error{code, stage file}: corrupt_data, unsupported, limit_exceeded, invalid_argument (the
/// options do not fit the file), unavailable (this build lacks the library). All functions of this
/// header are thread-safe.
Plane read_depth(std::span<const std::uint8_t> bytes, const DepthFileOptions& options = {});

/// Returns the bytes of a `.npy` file (version 1.0, C order, <f4) of shape (height, width).
std::vector<std::uint8_t> encode_npy(std::span<const float> values, int width, int height);

/// The same of normals, three values a pixel as DepthMap::normals() has them: an array of height x
/// width x 3.
std::vector<std::uint8_t> encode_npy_normals(std::span<const float> normals, int width, int height);

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
