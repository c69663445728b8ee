// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/raw_frame.hpp>

#include <cstring>

#include "image/decode_common.hpp"

namespace depthcloud {
namespace {

Image to_image(const ImageView& view) {
  validate(view);
  Image copy;
  translate_bad_alloc([&] { copy.reshape(view.width, view.height, view.format); });
  copy.set_photo(view.photo);
  const auto row_bytes = static_cast<std::size_t>(copy.stride());
  for (int v = 0; v < view.height; ++v) std::memcpy(copy.row(v), view.row(v), row_bytes);
  return copy;
}

Image to_image(const YuvView& view) { return to_rgb(view); }

}  // namespace

void validate(const RawImage& image) {
  std::visit([](const auto& view) { validate(view); }, image);
}

Image to_image(const RawImage& image) {
  return std::visit([](const auto& view) { return to_image(view); }, image);
}

}  // namespace depthcloud
