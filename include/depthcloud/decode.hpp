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
  bool apply_orientation = true;  ///< by EXIF; HEIC and AVIF always stand upright
  /// Bring colours to sRGB by the photo's ICC profile, as viewers show them. Not of gray results,
  /// and not in a build without Little CMS.
  bool apply_color_profile = true;
  /// The upright size that the image is wanted for at least, in pixels; both 0: full size, one 0:
  /// only the other counts. A JPEG is
  /// then decoded at the smallest of 1/1, 1/2, 1/4, 1/8 (the scales that libjpeg-turbo has SIMD
  /// code for) that is no smaller than this on both axes. Full size is exact; a scaled decode
  /// differs slightly from a full one followed by a reduction. PNG ignores it.
  int min_width = 0;
  int min_height = 0;
  /// Checked on the header, before anything is allocated; 0: as many as there is memory for, else
  /// Error{out_of_memory}. A program that decodes for strangers sets one.
  std::int64_t max_pixels = 0;
  int max_scans = 100;  ///< of a progressive JPEG; real ones have about ten
  /// What decode_image and PhotoReader read; a photo of another format is Error{unsupported}. A
  /// program that decodes for strangers may want fewer.
  PhotoFormats formats = PhotoFormats::all();
  /// Takes what is there of a photo that ends too soon or is corrupt; what is missing is gray in a
  /// JPEG, black (and transparent, where there is alpha) in other formats, and the log says so.
  /// Off: Error{corrupt_data}.
  bool salvage = false;
};

/// JPEG bytes to pixels: baseline and progressive, Huffman or, where libjpeg has it, arithmetic
/// coding; grayscale, YCbCr, RGB, CMYK and YCCK. The
/// result's photo() holds the upright full size and the EXIF focal length.
/// Errors (stage decode): corrupt_data (not a JPEG, truncated, corrupt entropy-coded data),
/// limit_exceeded, unsupported (12 bit, lossless), invalid_argument. Flaws that cost no
/// pixel are accepted: bytes after the end marker, or before it and other markers, as MJPEG cameras
/// send, headers of an odd revision, scans in an odd order.
/// Thread-safety: share freely.
Image decode_jpeg(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});

/// The same into an image whose memory is reused. On an error its contents are unspecified.
void decode_jpeg(std::span<const std::uint8_t> bytes, const DecodeOptions& options, Image& out);

/// PNG bytes to 8-bit pixels; 16-bit samples keep their high byte, palettes and low bit depths are
/// expanded, alpha is dropped unless the format asks for it. Errors as decode_jpeg.
Image decode_png(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});

/// A photo of any format, told by its first bytes: JPEG, PNG, and WebP, HEIC, AVIF and TIFF where
/// this build has them, else Error{unavailable}. Anything else is Error{unsupported}, which says
/// what it is. The first picture of several counts.
Image decode_image(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});

}  // namespace depthcloud
