// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <depthcloud/image.hpp>

#include "image/orientation.hpp"

namespace depthcloud {

/// What depthcloud uses of an EXIF record; a field that is missing or makes no sense has its
/// default.
struct ExifRecord {
  Orientation orientation = Orientation::top_left;
  double focal_35mm = 0;           ///< focal length for 35 mm film, in mm; 0: not known
  double focal_mm = 0;             ///< focal length of the lens, in mm; 0: not known
  double focal_plane_density = 0;  ///< pixels per mm of the sensor; 0: not known
  double recorded_width =
      0;  ///< pixels that the camera stored, which the density is of; 0: not known
  double recorded_height = 0;
  std::string plane_flaw{};  ///< why the density that it states is not known; empty: it states none
};

/// The orientation with this number; top_left for what is none.
Orientation orientation_of(double value);

/// A number that must be finite and above 0; else 0: not known.
double positive_or_zero(double value);

/// Pixels per millimetre of the sensor, by FocalPlaneXResolution, or FocalPlaneYResolution where
/// that is 0 (pixels are square), and FocalPlaneResolutionUnit; NaN where a tag is missing. 0 where
/// they say none.
double plane_density(double x_resolution, double y_resolution, double unit);
/// What is wrong with these tags; empty where nothing is, or there are none.
std::string plane_flaw(double x_resolution, double y_resolution, double unit);

/// Reads a record: "Exif\0\0", then a TIFF structure. Bytes may come from anywhere: what cannot be
/// read counts as missing.
ExifRecord read_exif(std::span<const std::uint8_t> bytes);

/// The focal length in pixels of a photo of that many pixels; 0 where the record has none that a
/// camera can have: the longer side must be seen at 5 to 150 degrees. The equivalent for 35 mm film
/// counts before lens and sensor, which many programs leave as they were when they resize a photo.
double focal_px(const ExifRecord& record, int width, int height);

/// What is known of a photo with this record. `width` and `height` are those that were stored, and
/// `orientation` is how they are turned. A focal length that makes no sense is remarked.
PhotoInfo photo_info(const ExifRecord& record, int width, int height, Orientation orientation);

}  // namespace depthcloud
