// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <utility>

#include "image/decode_common.hpp"
#include "image/photo_file.hpp"
#include "image/png_reader.hpp"
#include "image/whole_photo.hpp"

namespace depthcloud {
namespace {

class PngPhoto final : public WholePhoto {
 public:
  PngPhoto(std::span<const std::uint8_t> bytes, const DecodeOptions& options)
      : WholePhoto(options), reader_(bytes, options.max_pixels, Stage::decode, options.salvage) {
    PhotoHeader header{.format = "PNG",
                       .width = reader_.width(),
                       .height = reader_.height(),
                       .has_alpha = reader_.has_transparency(),
                       .model = reader_.has_color() ? ColorModel::rgb : ColorModel::gray,
                       .exif = read_exif(reader_.exif())};
    if (options.apply_color_profile) header.profile = reader_.profile();
    set_header(std::move(header));
  }

 private:
  void read(Image& stored) override {
    if (options().salvage) {
      std::fill_n(stored.data(), stored.stride() * stored.height(), std::uint8_t{0});
    }
    reader_.read(stored.format(), stored.data(), stored.stride());
    remark_loss(reader_.loss());
  }

  PngReader reader_;
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
