// SPDX-License-Identifier: Apache-2.0
// Images and files for the tests of this folder, made here so that the tests need no data.
#pragma once

#include <cstdint>
#include <cstdio>

#include <jpeglib.h>

#include <vector>

#include <depthcloud/image.hpp>

namespace samples {

using Bytes = std::vector<std::uint8_t>;

/// Smooth colour gradients with some deterministic noise: no two rows, columns or channels alike.
depthcloud::Image picture(int width, int height,
                          depthcloud::PixelFormat format = depthcloud::PixelFormat::rgb,
                          int noise = 24);

/// How a JPEG is written. Colour spaces are libjpeg's; CMYK and YCCK take a four-channel image.
struct JpegKind {
  J_COLOR_SPACE stored = JCS_YCbCr;
  int quality = 90;
  bool subsample = true;  ///< 4:2:0, where there is chroma
  bool progressive = false;
  bool arithmetic = false;
  int restart_rows = 0;
  int scans = 0;    ///< progressive, in this many scans; 0: the usual ones
  Bytes exif{};     ///< the payload of an APP1 segment; empty: none
  Bytes profile{};  ///< ICC; empty: none
};

Bytes jpeg(const depthcloud::Image& image, const JpegKind& kind = {});

/// The pixels as TurboJPEG decodes them, in `format`.
depthcloud::Image turbojpeg_decode(const Bytes& jpeg, depthcloud::PixelFormat format);

/// How a PNG is written.
struct PngKind {
  int color_type = 2;  ///< PNG_COLOR_TYPE_*
  int bit_depth = 8;
  bool interlaced = false;
  Bytes palette{};      ///< r g b ...
  Bytes transparent{};  ///< tRNS payload
  Bytes exif{};         ///< eXIf payload, without "Exif\0\0"
  Bytes profile{};      ///< ICC; empty: none
};
/// `rows` holds the samples as the file stores them, `row_bytes` each row.
Bytes png(int width, int height, const PngKind& kind, const Bytes& rows);
/// The usual 8-bit PNG of an rgb, rgba or gray image.
Bytes png(const depthcloud::Image& image, bool interlaced = false, const Bytes& exif = {});

/// The fields of an EXIF record that the library reads; 0: left out.
struct ExifFields {
  int orientation = 0;
  int focal_35mm = 0;
  std::uint32_t focal_mm[2] = {0, 0};       ///< numerator, denominator
  std::uint32_t plane_density[2] = {0, 0};  ///< numerator, denominator
  int plane_unit = 0;                       ///< 2: inch, 3: centimetre
  std::uint32_t pixels[2] = {0, 0};         ///< that the camera stored: width, height
  std::uint32_t plane_density_y[2] = {0, 0};
};
/// A TIFF structure with these fields.
Bytes tiff(const ExifFields& fields, bool big_endian = false);
/// The same with "Exif\0\0" before it: the payload of APP1.
Bytes exif(const ExifFields& fields, bool big_endian = false);

/// `bytes` without its last `count`.
Bytes without_end(Bytes bytes, std::size_t count);
/// `bytes` with `inserted` before position `at`.
Bytes with_inserted(Bytes bytes, std::size_t at, const Bytes& inserted);
/// The position of the first marker 0xFF `code`.
std::size_t find_marker(const Bytes& bytes, std::uint8_t code);

/// The largest difference of two samples; 256 when the shapes differ.
int largest_difference(const depthcloud::Image& a, const depthcloud::Image& b);

}  // namespace samples
