// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "image/color.hpp"
#include "image/color_profile.hpp"
#include "image/decode_common.hpp"
#include "image/exif.hpp"
#include "image/jpeg_reader.hpp"
#include "image/photo_file.hpp"

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

/// Decodes through strips of rows, which are converted and turned on their way into `out`.
void read_in_strips(JpegReader& reader, Orientation orientation, const ColorTransform* to_srgb,
                    Image& out) {
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
      if (to_srgb != nullptr) {
        to_srgb->apply(cmyk.data(), width * count, strip.data());
      } else {
        convert_inverted_cmyk(cmyk.data(), width * count, out.format(), strip.data());
      }
    } else {
      reader.read_rows(strip.data(), strip.stride(), count);
      if (to_srgb != nullptr) to_srgb->apply(strip.data(), width * count, strip.data());
    }
    put_upright({strip.data(), strip.stride(), width, first, count}, orientation, out);
  }
}

class JpegPhoto final : public PhotoFile {
 public:
  JpegPhoto(std::span<const std::uint8_t> bytes, const DecodeOptions& options)
      : bytes_(bytes), options_(options), reader_(bytes, options), format_(options.format) {
    const ExifRecord exif = read_exif(reader_.exif());
    if (options.apply_color_profile) profile_ = reader_.profile();
    orientation_ = applied_orientation(exif, options);
    info_ = photo_info(exif, reader_.width(), reader_.height(), orientation_);
  }

  void decode(int min_width, int min_height, Image& out) override {
    const auto to_srgb = transform_to_srgb(profile_, model(), format_);
    reader_.start(format_, denominator({min_width, min_height}));
    Size upright{reader_.output_width(), reader_.output_height()};
    if (swaps_axes(orientation_)) std::swap(upright.width, upright.height);
    out.reshape(upright.width, upright.height, format_);
    if (orientation_ == Orientation::top_left && !reader_.is_cmyk() && !to_srgb) {
      reader_.read_rows(out.data(), out.stride(), out.height());
    } else {
      read_in_strips(reader_, orientation_, to_srgb.get(), out);
    }
    reader_.finish();
    remark_loss(reader_.has_doubt() ? checked_loss() : std::string(reader_.loss()));
    out.set_photo(info_);
  }

 private:
  /// Decodes again, as small as can be, to see what the fast way passes over. Throws as the first
  /// time if something is lost.
  std::string checked_loss() const {
    JpegReader reader(bytes_, options_, HuffmanCodes::checked);
    constexpr int smallest = 8;
    reader.start(PixelFormat::gray, smallest);
    Image row(reader.output_width(), 1, reader.is_cmyk() ? PixelFormat::rgba : PixelFormat::gray);
    for (int v = 0; v < reader.output_height(); ++v) reader.read_rows(row.data(), row.stride(), 1);
    reader.finish();
    return std::string(reader.loss());
  }

  int denominator(Size wanted) const {
    if (wanted.width == 0 && wanted.height == 0) return 1;
    if (swaps_axes(orientation_)) std::swap(wanted.width, wanted.height);
    return scale_denominator({reader_.width(), reader_.height()}, wanted);
  }

  ColorModel model() const {
    if (reader_.is_gray()) return ColorModel::gray;
    return reader_.is_cmyk() ? ColorModel::cmyk : ColorModel::rgb;
  }

  std::span<const std::uint8_t> bytes_;
  DecodeOptions options_;
  JpegReader reader_;
  PixelFormat format_;
  std::vector<std::uint8_t> profile_;
  Orientation orientation_ = Orientation::top_left;
};

}  // namespace

std::unique_ptr<PhotoFile> open_jpeg(std::span<const std::uint8_t> bytes,
                                     const DecodeOptions& options) {
  return std::make_unique<JpegPhoto>(bytes, options);
}

void decode_jpeg(std::span<const std::uint8_t> bytes, const DecodeOptions& options, Image& out) {
  validate(options);
  translate_bad_alloc(
      [&] { JpegPhoto(bytes, options).decode(options.min_width, options.min_height, out); });
}

Image decode_jpeg(std::span<const std::uint8_t> bytes, const DecodeOptions& options) {
  Image out;
  decode_jpeg(bytes, options, out);
  return out;
}

}  // namespace depthcloud
