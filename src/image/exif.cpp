// SPDX-License-Identifier: Apache-2.0
#include "image/exif.hpp"

#include <libexif/exif-data.h>

#include <cmath>
#include <limits>
#include <memory>
#include <new>

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
    default:
      return none;
  }
}

double positive_or_zero(double value) { return std::isfinite(value) && value > 0 ? value : 0; }

Orientation orientation_from(double value) {
  const bool known = value >= 1 && value <= 8;  // false for NaN
  return known ? static_cast<Orientation>(static_cast<int>(value)) : Orientation::top_left;
}

/// Millimetres in the unit of FocalPlaneResolutionUnit: inch unless it says centimetre.
double millimetres_per_unit(double unit) { return unit == 3 ? 10.0 : 25.4; }

}  // namespace

ExifRecord read_exif(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return {};
  const ExifPtr data = parse(bytes);
  const auto photo_number = [&](ExifTag tag) { return number(data, EXIF_IFD_EXIF, tag); };
  return {
      .orientation = orientation_from(number(data, EXIF_IFD_0, EXIF_TAG_ORIENTATION)),
      .focal_35mm = positive_or_zero(photo_number(EXIF_TAG_FOCAL_LENGTH_IN_35MM_FILM)),
      .focal_mm = positive_or_zero(photo_number(EXIF_TAG_FOCAL_LENGTH)),
      .focal_plane_density = positive_or_zero(
          photo_number(EXIF_TAG_FOCAL_PLANE_X_RESOLUTION) /
          millimetres_per_unit(photo_number(EXIF_TAG_FOCAL_PLANE_RESOLUTION_UNIT))),
  };
}

double focal_px(const ExifRecord& record, int width, int height) {
  // The 35 mm equivalent compares diagonals (CIPA DCG-001), and most sensors are not 3:2: on a 4:3
  // phone the common "width / 36" would be 4 % off.
  const double film_diagonal_mm = std::hypot(36.0, 24.0);
  if (record.focal_35mm > 0)
    return record.focal_35mm * std::hypot(width, height) / film_diagonal_mm;
  return record.focal_mm * record.focal_plane_density;
}

PhotoInfo photo_info(const ExifRecord& record, int width, int height, Orientation orientation) {
  const double focal = focal_px(record, width, height);
  const auto turn = static_cast<int>(orientation);
  if (swaps_axes(orientation)) return {height, width, focal, turn};
  return {width, height, focal, turn};
}

}  // namespace depthcloud
