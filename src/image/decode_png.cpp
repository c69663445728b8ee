// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <utility>

#include "image/color.hpp"
#include "image/decode_common.hpp"
#include "image/photo_file.hpp"
#include "image/png_reader.hpp"

namespace depthcloud {
namespace {

/// The image as it is stored, in `format`.
Image read_stored(PngReader& reader, PixelFormat format, bool salvage) {
  const bool loses_color = format == PixelFormat::gray && reader.has_color();
  const PixelFormat read_format = loses_color ? PixelFormat::rgb : format;
  Image stored(reader.width(), reader.height(), read_format);
  if (salvage) std::fill_n(stored.data(), stored.stride() * stored.height(), std::uint8_t{0});
  reader.read(read_format, stored.data(), stored.stride());
  if (!loses_color) return stored;
  Image gray(stored.width(), stored.height(), format);
  for (int v = 0; v < stored.height(); ++v) {
    convert_rgb_to_gray(stored.row(v), stored.width(), gray.row(v));
  }
  return gray;
}

Image turned(Image stored, Orientation orientation) {
  if (orientation == Orientation::top_left) return stored;
  Image upright = swaps_axes(orientation) ? Image(stored.height(), stored.width(), stored.format())
                                          : Image(stored.width(), stored.height(), stored.format());
  put_upright({stored.data(), stored.stride(), stored.width(), 0, stored.height()}, orientation,
              upright);
  return upright;
}

class PngPhoto final : public PhotoFile {
 public:
  PngPhoto(std::span<const std::uint8_t> bytes, const DecodeOptions& options)
      : reader_(bytes, options.max_pixels, Stage::decode, options.salvage),
        format_(result_format(options, reader_.has_transparency())),
        salvage_(options.salvage) {
    const ExifRecord exif = read_exif(reader_.exif());
    orientation_ = applied_orientation(exif, options);
    info_ = photo_info(exif, reader_.width(), reader_.height(), orientation_);
  }

  void decode(int /*min_width*/, int /*min_height*/, Image& out) override {
    check_memory_for("PNG", reader_.width(), reader_.height(), needed_bytes());
    out = turned(read_stored(reader_, format_, salvage_), orientation_);
    remark_loss(reader_.loss());
    out.set_photo(info_);
  }

 private:
  /// The image as it is stored, and once more where it changes on its way.
  double needed_bytes() const {
    const bool loses_color = format_ == PixelFormat::gray && reader_.has_color();
    const double bytes_of_pixel = loses_color ? channels(PixelFormat::rgb) : channels(format_);
    const int copies = orientation_ == Orientation::top_left && !loses_color ? 1 : 2;
    return copies * bytes_of_pixel * reader_.width() * reader_.height();
  }

  PngReader reader_;
  PixelFormat format_;
  bool salvage_;
  Orientation orientation_ = Orientation::top_left;
};

}  // namespace

std::unique_ptr<PhotoFile> open_png(std::span<const std::uint8_t> bytes,
                                    const DecodeOptions& options) {
  return std::make_unique<PngPhoto>(bytes, options);
}

Image decode_png(std::span<const std::uint8_t> bytes, const DecodeOptions& options) {
  validate(options);
  return translate_bad_alloc([&] {
    Image out;
    PngPhoto(bytes, options).decode(0, 0, out);
    return out;
  });
}

}  // namespace depthcloud
