// SPDX-License-Identifier: Apache-2.0
#include "image/whole_photo.hpp"

#include <utility>

#include "image/color.hpp"
#include "image/decode_common.hpp"

namespace depthcloud {
namespace {

Image to_gray(const Image& rgb) {
  Image gray(rgb.width(), rgb.height(), PixelFormat::gray);
  for (int v = 0; v < rgb.height(); ++v) convert_rgb_to_gray(rgb.row(v), rgb.width(), gray.row(v));
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

}  // namespace

void WholePhoto::set_header(PhotoHeader header) {
  header_ = std::move(header);
  check_pixels(header_.format, header_.width, header_.height, options_.max_pixels);
  orientation_ = applied_orientation(header_.exif, options_);
  info_ = photo_info(header_.exif, header_.width, header_.height, orientation_);
}

double WholePhoto::needed_bytes(PixelFormat read_format, bool changes) const {
  const int copies = changes ? 2 : 1;
  return copies * channels(read_format) * 1.0 * header_.width * header_.height + scratch_bytes();
}

void WholePhoto::decode(int /*min_width*/, int /*min_height*/, Image& out) {
  const PixelFormat format = result_format(options_, header_.has_alpha);
  const bool loses_color = format == PixelFormat::gray && header_.model != ColorModel::gray;
  const PixelFormat read_format = loses_color ? PixelFormat::rgb : format;
  const bool turns = orientation_ != Orientation::top_left;
  check_memory_for(header_.format, header_.width, header_.height,
                   needed_bytes(read_format, turns || loses_color));
  Image stored(header_.width, header_.height, read_format);
  read(stored);
  if (const auto to_srgb = transform_to_srgb(header_.profile, header_.model, format)) {
    for (int v = 0; v < stored.height(); ++v) {
      to_srgb->apply(stored.row(v), stored.width(), stored.row(v));
    }
  }
  out = turned(loses_color ? to_gray(stored) : std::move(stored), orientation_);
  out.set_photo(info_);
}

}  // namespace depthcloud
