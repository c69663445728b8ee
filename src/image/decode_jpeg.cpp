// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "image/color.hpp"
#include "image/decode_common.hpp"
#include "image/exif.hpp"
#include "image/jpeg_reader.hpp"

namespace depthcloud {
namespace {

struct Size {
  int width = 0;
  int height = 0;
};

/// The largest reduction of libjpeg's fast ones whose result is no smaller than `wanted`.
int scale_denominator(Size stored, Size wanted) {
  for (const int denominator : {8, 4, 2}) {
    const auto scaled = [=](int size) { return (size + denominator - 1) / denominator; };
    if (scaled(stored.width) >= wanted.width && scaled(stored.height) >= wanted.height) {
      return denominator;
    }
  }
  return 1;
}

/// The size wished for, in the axes of the stored image; of full size without a wish.
int denominator_for(const JpegReader& reader, const DecodeOptions& options,
                    Orientation orientation) {
  if (options.min_width == 0 && options.min_height == 0) return 1;
  Size wanted{options.min_width, options.min_height};
  if (swaps_axes(orientation)) std::swap(wanted.width, wanted.height);
  return scale_denominator({reader.width(), reader.height()}, wanted);
}

/// Decodes through strips of rows, which are converted and turned on their way into `out`.
void read_in_strips(JpegReader& reader, Orientation orientation, Image& out) {
  constexpr int most_rows = 32;  // of a turned image, pixels that are written side by side
  const int strip_rows = std::min(most_rows, reader.output_height());
  const int width = reader.output_width();
  Image strip(width, strip_rows, out.format());
  Image cmyk;
  if (reader.is_cmyk()) cmyk.reshape(width, strip_rows, PixelFormat::rgba);
  for (int first = 0; first < reader.output_height(); first += strip_rows) {
    const int count = std::min(strip_rows, reader.output_height() - first);
    if (reader.is_cmyk()) {
      reader.read_rows(cmyk.data(), cmyk.stride(), count);
      convert_inverted_cmyk(cmyk.data(), width * count, out.format(), strip.data());
    } else {
      reader.read_rows(strip.data(), strip.stride(), count);
    }
    put_upright({strip.data(), strip.stride(), width, first, count}, orientation, out);
  }
}

}  // namespace

void decode_jpeg(std::span<const std::uint8_t> bytes, const DecodeOptions& options, Image& out) {
  check(options);
  translate_bad_alloc([&] {
    JpegReader reader(bytes, options);
    const ExifRecord exif = read_exif(reader.exif());
    const Orientation orientation = applied_orientation(exif, options);
    reader.start(options.format, denominator_for(reader, options, orientation));
    Size upright{reader.output_width(), reader.output_height()};
    if (swaps_axes(orientation)) std::swap(upright.width, upright.height);
    out.reshape(upright.width, upright.height, options.format);
    if (orientation == Orientation::top_left && !reader.is_cmyk()) {
      reader.read_rows(out.data(), out.stride(), out.height());
    } else {
      read_in_strips(reader, orientation, out);
    }
    reader.finish();
    out.set_photo(photo_info(exif, reader.width(), reader.height(), orientation));
  });
}

Image decode_jpeg(std::span<const std::uint8_t> bytes, const DecodeOptions& options) {
  Image out;
  decode_jpeg(bytes, options, out);
  return out;
}

}  // namespace depthcloud
