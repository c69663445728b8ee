// SPDX-License-Identifier: Apache-2.0
#include "image/exif.hpp"

#include <libexif/exif-data.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <numbers>
#include <utility>

#include <fmt/format.h>

#include "core/log.hpp"

namespace depthcloud {
namespace {

struct Unref {
  void operator()(ExifData* data) const { exif_data_unref(data); }
};
using ExifPtr = std::unique_ptr<ExifData, Unref>;

ExifPtr parse(std::span<const std::uint8_t> bytes) {
  ExifPtr data(exif_data_new());
  if (!data) throw std::bad_alloc();
  // By default libexif mends records towards the specification; here they are only read.
  exif_data_unset_option(data.get(), EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
  exif_data_load_data(data.get(), bytes.data(), static_cast<unsigned>(bytes.size()));
  return data;
}

/// The first value of a numeric entry, or NaN. libexif keeps the type that the file claims, so type
/// and size are both checked here.
double number(const ExifPtr& data, ExifIfd ifd, ExifTag tag) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  const ExifEntry* entry = exif_content_get_entry(data->ifd[ifd], tag);
  if (entry == nullptr || entry->data == nullptr || entry->components == 0) return none;
  if (entry->size < exif_format_get_size(entry->format)) return none;
  const ExifByteOrder order = exif_data_get_byte_order(data.get());
  switch (entry->format) {
    case EXIF_FORMAT_SHORT:
      return exif_get_short(entry->data, order);
    case EXIF_FORMAT_LONG:
      return exif_get_long(entry->data, order);
    case EXIF_FORMAT_RATIONAL: {
      const ExifRational ratio = exif_get_rational(entry->data, order);
      return ratio.denominator == 0 ? none
                                    : static_cast<double>(ratio.numerator) / ratio.denominator;
    }
    case EXIF_FORMAT_SRATIONAL: {
      const ExifSRational ratio = exif_get_srational(entry->data, order);
      return ratio.denominator == 0 ? none
                                    : static_cast<double>(ratio.numerator) / ratio.denominator;
    }
    default:
      return none;
  }
}

/// Millimetres in the unit of FocalPlaneResolutionUnit. Millimetre and micrometre are ExifTool's
/// names for values that cameras write although EXIF has none for them. Without a unit, or with
/// "none" (0 or 1), it is the inch, as in TIFF. NaN for a number that is no unit.
double millimetres_per_unit(double unit) {
  if (unit == 3) return 10.0;
  if (unit == 4) return 1.0;
  if (unit == 5) return 0.001;
  const bool is_inch = std::isnan(unit) || unit == 0 || unit == 1 || unit == 2;
  return is_inch ? 25.4 : std::numeric_limits<double>::quiet_NaN();
}

/// By how much a photo of this size was scaled since the camera recorded it. A crop leaves the
/// scale, which the side that it spared tells; a program may have turned the pixels.
double scale_since_recorded(const ExifRecord& record, double width, double height) {
  const bool has_width = record.recorded_width > 0;
  const bool has_height = record.recorded_height > 0;
  if (!has_width && !has_height) return 1;
  if (!has_height) return width / record.recorded_width;
  if (!has_width) return height / record.recorded_height;
  const double shape_when_turned =
      height * record.recorded_height / (width * record.recorded_width);
  constexpr double rounding = 0.02;  // of sides to whole pixels, or blocks
  const bool is_on_its_side = (record.recorded_width > record.recorded_height) != (width > height);
  if (is_on_its_side && std::abs(shape_when_turned - 1) < rounding) std::swap(width, height);
  return std::max(width / record.recorded_width, height / record.recorded_height);
}

bool is_plausible(double focal, int width, int height) {
  constexpr double least_degrees = 5;
  constexpr double most_degrees = 150;
  const double degrees =
      2 * std::atan(std::max(width, height) / (2 * focal)) * 180 / std::numbers::pi;
  return focal > 0 && degrees >= least_degrees && degrees <= most_degrees;
}

/// What the tags say, plausible or not; 0 where they say nothing.
struct FocalLengths {
  double from_film;   ///< pixels, by the equivalent for 35 mm film
  double from_plane;  ///< pixels, by lens and sensor
};

FocalLengths focal_lengths(const ExifRecord& record, int width, int height) {
  // The 35 mm equivalent compares diagonals (CIPA DCG-001), and most sensors are not 3:2: on a 4:3
  // phone the common "width / 36" would be 4 % off.
  const double film_diagonal_mm = std::hypot(36.0, 24.0);
  return {
      record.focal_35mm * std::hypot(width, height) / film_diagonal_mm,
      record.focal_mm * record.focal_plane_density * scale_since_recorded(record, width, height)};
}

}  // namespace

double positive_or_zero(double value) { return std::isfinite(value) && value > 0 ? value : 0; }

Orientation orientation_of(double value) {
  const bool known = value >= 1 && value <= 8;  // false for NaN
  return known ? static_cast<Orientation>(static_cast<int>(value)) : Orientation::top_left;
}

double plane_density(double x_resolution, double y_resolution, double unit) {
  const double resolution = x_resolution > 0 ? x_resolution : y_resolution;
  return positive_or_zero(resolution / millimetres_per_unit(unit));
}

std::string plane_flaw(double x_resolution, double y_resolution, double unit) {
  if (std::isnan(x_resolution) && std::isnan(y_resolution)) return "";
  if (!(x_resolution > 0) && !(y_resolution > 0)) return "the sensor's resolution is not above 0";
  if (!std::isnan(millimetres_per_unit(unit))) return "";
  return fmt::format("the sensor's resolution counts in unit {}, which is none that is known",
                     unit);
}

ExifRecord read_exif(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return {};
  const ExifPtr data = parse(bytes);
  const auto photo_number = [&](ExifTag tag) {
    return positive_or_zero(number(data, EXIF_IFD_EXIF, tag));
  };
  const double x_resolution = number(data, EXIF_IFD_EXIF, EXIF_TAG_FOCAL_PLANE_X_RESOLUTION);
  const double y_resolution = number(data, EXIF_IFD_EXIF, EXIF_TAG_FOCAL_PLANE_Y_RESOLUTION);
  const double unit = number(data, EXIF_IFD_EXIF, EXIF_TAG_FOCAL_PLANE_RESOLUTION_UNIT);
  return {
      .orientation = orientation_of(number(data, EXIF_IFD_0, EXIF_TAG_ORIENTATION)),
      .focal_35mm = photo_number(EXIF_TAG_FOCAL_LENGTH_IN_35MM_FILM),
      .focal_mm = photo_number(EXIF_TAG_FOCAL_LENGTH),
      .focal_plane_density = plane_density(x_resolution, y_resolution, unit),
      .recorded_width = photo_number(EXIF_TAG_PIXEL_X_DIMENSION),
      .recorded_height = photo_number(EXIF_TAG_PIXEL_Y_DIMENSION),
      .plane_flaw = plane_flaw(x_resolution, y_resolution, unit),
  };
}

double focal_px(const ExifRecord& record, int width, int height) {
  const auto [from_film, from_plane] = focal_lengths(record, width, height);
  if (is_plausible(from_film, width, height)) return from_film;
  return is_plausible(from_plane, width, height) ? from_plane : 0;
}

PhotoInfo photo_info(const ExifRecord& record, int width, int height, Orientation orientation) {
  const double focal = focal_px(record, width, height);
  const auto [from_film, from_plane] = focal_lengths(record, width, height);
  if (focal == 0 && (from_film > 0 || from_plane > 0)) {
    log(LogLevel::info,
        fmt::format("the EXIF focal length of {:.4g} pixels is set aside: no camera sees {} x {} "
                    "pixels so",
                    from_film > 0 ? from_film : from_plane, width, height));
  }
  if (focal == 0 && from_film == 0 && record.focal_mm > 0 && !record.plane_flaw.empty()) {
    log(LogLevel::info, fmt::format("the EXIF focal length of {:.4g} mm is set aside: {}",
                                    record.focal_mm, record.plane_flaw));
  }
  const auto turn = static_cast<int>(orientation);
  if (swaps_axes(orientation)) return {height, width, focal, turn};
  return {width, height, focal, turn};
}

}  // namespace depthcloud
