// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/image.hpp>

namespace depthcloud {

/// Options of decode_jpeg, decode_png and decode_image.
struct DecodeOptions {
  PixelFormat format = PixelFormat::rgb;  ///< of the result
  bool apply_orientation = true;          ///< turns the image upright by its EXIF orientation
  /// Smallest upright size that the caller needs, in pixels. A JPEG is decoded at the smallest of
  /// the scales 1/1, 1/2, 1/4 and 1/8 (for which libjpeg-turbo has SIMD code) that is no smaller
  /// than this on both axes. Both 0: full size; one 0: only the other is considered. A scaled
  /// decode differs slightly from a full decode followed by a reduction. decode_png() ignores this.
  int min_width = 0;
  int min_height = 0;
  std::int64_t max_pixels = 32'000'000;  ///< checked in the header, before anything is allocated
  int max_scans = 100;  ///< of a progressive JPEG; photos from cameras have about ten
};

/// Returns the pixels of a JPEG: baseline or progressive; grayscale, YCbCr, RGB, CMYK or YCCK.
/// photo() of the result holds the upright full size and the EXIF focal length. Extra bytes after
/// the end marker, and harmless ones before it, are accepted, because MJPEG cameras send them.
/// Throws Error{code, stage decode}: corrupt_data (not a JPEG, truncated, corrupt entropy-coded
/// data), limit_exceeded, unsupported (arithmetic coding, 12 bit), invalid_argument (an option).
/// Thread-safe.
Image decode_jpeg(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});

/// Writes the pixels to `out` and reuses its memory. On an error its contents are unspecified.
void decode_jpeg(std::span<const std::uint8_t> bytes, const DecodeOptions& options, Image& out);

/// Returns the 8-bit pixels of a PNG. 16-bit samples keep their high byte, palettes and low bit
/// depths are expanded, and alpha is dropped unless the requested format has it. Throws as
/// decode_jpeg(). Thread-safe.
Image decode_png(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});

/// Calls decode_jpeg() or decode_png(), chosen by the first bytes. Throws Error{unsupported} for
/// other bytes. Thread-safe.
Image decode_image(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});

}  // namespace depthcloud
