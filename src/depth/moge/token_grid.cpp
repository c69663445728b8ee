// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/token_grid.hpp"

#include <algorithm>
#include <cmath>

#include "depth/nn/vit_config.hpp"

namespace depthcloud {
namespace {

double aspect_ratio(const Grid& image) { return static_cast<double>(image.width) / image.height; }

}  // namespace

int tokens_of_level(int level, const std::array<int, 2>& range) {
  constexpr double highest = 9;
  return static_cast<int>(range[0] + level / highest * (range[1] - range[0]));
}

int tokens_of_longer_side(int pixels, const Grid& image) {
  const double patches = static_cast<double>(pixels) / VitConfig::patch;
  const double aspect = aspect_ratio(image);
  const double tokens = patches * patches / std::max(aspect, 1 / aspect);
  return static_cast<int>(std::max(1.0, std::nearbyint(tokens)));
}

Grid token_grid(int tokens, const Grid& image) {
  const double aspect = aspect_ratio(image);
  const auto side = [&](double patches) {
    return static_cast<int>(
        std::clamp(std::nearbyint(std::sqrt(patches)), 1.0, static_cast<double>(tokens)));
  };
  return {side(tokens * aspect), side(tokens / aspect)};
}

Grid moge_map_size(const Grid& image) {
  const double pixels = static_cast<double>(image.width) * image.height;
  if (pixels <= max_moge_pixels) return image;
  const double scale = std::sqrt(max_moge_pixels / pixels);
  const bool wide = image.width > image.height;
  const double shorter = std::max(1.0, std::floor((wide ? image.height : image.width) * scale));
  // Of a strip the shorter side cannot shrink as far.
  const double longer =
      std::floor(std::min((wide ? image.width : image.height) * scale, max_moge_pixels / shorter));
  const Grid size{static_cast<int>(longer), static_cast<int>(shorter)};
  return wide ? size : Grid{size.height, size.width};
}

ViewPlane view_plane(const Grid& image) {
  const double aspect = aspect_ratio(image);
  const double diagonal = std::sqrt(1 + aspect * aspect);
  return {aspect / diagonal, 1 / diagonal};
}

std::vector<float> pixel_centres(int count, double extent) {
  const auto last = static_cast<float>(extent * (count - 1) / count);
  const float first = -last;
  std::vector<float> centres(static_cast<std::size_t>(count), first);
  if (count == 1) return centres;
  const float step = (last - first) / static_cast<float>(count - 1);
  for (int i = 0; i < count; ++i) {
    centres[static_cast<std::size_t>(i)] = i < count / 2
                                               ? first + step * static_cast<float>(i)
                                               : last - step * static_cast<float>(count - 1 - i);
  }
  return centres;
}

}  // namespace depthcloud
