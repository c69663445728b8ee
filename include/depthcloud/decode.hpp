// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/image.hpp>
#include <depthcloud/photo_format.hpp>

namespace depthcloud {

/// Options of decode_jpeg, decode_png and decode_image.
struct DecodeOptions {
  PixelFormat format = PixelFormat::rgb;  ///< of the result
  /// Makes an rgb result rgba, and bgr bgra, where the photo has transparency.
  bool alpha = false;
  bool apply_orientation = true;  ///< turns the image upright by EXIF; HEIC and AVIF always are
  /// Brings colours to sRGB by the photo's ICC profile, as viewers show them. Not of gray results,
  /// and not in a build without Little CMS.
  bool apply_color_profile = true;
  /// Smallest upright size that the caller needs, in pixels. A JPEG is decoded at the smallest of
  /// the scales 1/1, 1/2, 1/4 and 1/8 (for which libjpeg-turbo has SIMD code) that is no smaller
  /// than this on both axes. Both 0: full size; one 0: only the other is considered. A scaled
  /// decode differs slightly from a full decode followed by a reduction. Other formats ignore this.
  int min_width = 0;
  int min_height = 0;
  /// Checked in the header, before anything is allocated; 0: as many as there is memory for, else
  /// Error{out_of_memory}. A program that decodes for strangers sets one.
  std::int64_t max_pixels = 0;
  int max_scans = 100;  ///< of a progressive JPEG; photos from cameras have about ten
  /// What decode_image() and PhotoReader read; a photo of another format is Error{unsupported}. A
  /// program that decodes for strangers may want fewer.
  PhotoFormats formats = PhotoFormats::all();
  /// Reads what exists of a photo that is truncated or corrupt; what is missing is gray in a JPEG,
  /// black (and transparent, where there is alpha) in other formats, and the log says so. Off:
  /// Error{corrupt_data}.
  bool salvage = false;
};

/// Returns the pixels of a JPEG: baseline or progressive, Huffman or, where libjpeg has it,
/// arithmetic coding; grayscale, YCbCr, RGB, CMYK or YCCK. photo() of the result holds the upright
/// full size and the EXIF focal length. Flaws that cost no pixel are accepted: bytes after the end
/// marker, or before it and other markers, which MJPEG cameras send, headers of an odd revision,
/// scans in an odd order. Throws Error{code, stage decode}: corrupt_data (not a JPEG, truncated,
/// corrupt entropy-coded data), limit_exceeded, unsupported (12 bit, lossless), out_of_memory,
/// invalid_argument (an option). Thread-safe.
Image decode_jpeg(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});

/// Writes the pixels to `out` and reuses its memory. On an error its contents are unspecified.
void decode_jpeg(std::span<const std::uint8_t> bytes, const DecodeOptions& options, Image& out);

/// Returns the 8-bit pixels of a PNG. 16-bit samples keep their high byte, palettes and low bit
/// depths are expanded, and alpha is dropped unless the requested format has it. Throws as
/// decode_jpeg(). Thread-safe.
Image decode_png(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});

/// Returns the pixels of a photo of any format, recognised by its first bytes: JPEG, PNG, and WebP,
/// HEIC, AVIF and TIFF if this build has them, else Error{unavailable}. Throws Error{unsupported}
/// for anything else, which says what it is. The first picture of several counts. Thread-safe.
Image decode_image(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});

}  // namespace depthcloud
