// SPDX-License-Identifier: Apache-2.0
#include "cloud/transparency.hpp"

#include <cstddef>

#include "cloud/sampling.hpp"

namespace depthcloud {
namespace {

/// Calls `found` with the index of each depth pixel that is fully transparent, until it returns
/// false.
template <typename Found>
void find_transparent(const ImageView& image, int width, int height, Found found) {
  constexpr int alpha = 3;
  std::size_t index = 0;
  for (int v = 0; v < height; ++v) {
    const std::uint8_t* const row = image.row(nearest_pixel(v, height, image.height)) + alpha;
    for (int u = 0; u < width; ++u, ++index) {
      const int column = width == image.width ? u : nearest_pixel(u, width, image.width);
      if (row[std::ptrdiff_t{4} * column] == 0 && !found(index)) return;
    }
  }
}

}  // namespace

bool hides_pixels(const ImageView& image, int width, int height, const CloudOptions& options) {
  if (channels(image.format) != 4 || options.keep_transparent) return false;
  bool hides = false;
  find_transparent(image, width, height, [&](std::size_t) {
    hides = true;
    return false;
  });
  return hides;
}

const float* TransparencyFilter::remove(const DepthView& depth, const ImageView& image,
                                        const CloudOptions& options) {
  if (!hides_pixels(image, depth.width, depth.height, options)) return depth.depth;
  depth_.assign({depth.depth,
                 static_cast<std::size_t>(depth.width) * static_cast<std::size_t>(depth.height)});
  find_transparent(image, depth.width, depth.height, [&](std::size_t index) {
    depth_[index] = 0;
    return true;
  });
  return depth_.data();
}

}  // namespace depthcloud
