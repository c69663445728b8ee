// SPDX-License-Identifier: Apache-2.0
#include "point_color.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <utility>

#include <depthcloud/depth_file.hpp>

#include "photo.hpp"

namespace cli {
namespace {

/// A picture of which `part`, the size of the depth map, shows this region.
depthcloud::Image widened(const depthcloud::Image& part, const depthcloud::ImageRegion& region) {
  if (region == depthcloud::ImageRegion{}) return part;
  const auto side = [](int pixels, double share) {
    return std::max(static_cast<int>(std::lround(pixels / share)), pixels);
  };
  depthcloud::Image whole(side(part.width(), region.width), side(part.height(), region.height));
  std::memset(whole.data(), 0, static_cast<std::size_t>(whole.stride() * whole.height()));
  const auto offset = [](double share, int pixels, int room) {
    return std::clamp(static_cast<int>(std::lround(share * pixels)), 0, room);
  };
  const int left = offset(region.x, whole.width(), whole.width() - part.width());
  const int top = offset(region.y, whole.height(), whole.height() - part.height());
  for (int v = 0; v < part.height(); ++v) {
    std::memcpy(whole.row(top + v) + std::ptrdiff_t{3} * left, part.row(v),
                static_cast<std::size_t>(part.stride()));
  }
  return whole;
}

}  // namespace

void recolor(PhotoDepth& photo, PointColor color) {
  if (color == PointColor::photo) return;
  const depthcloud::DepthMap depth = photo.depth.host();
  if (color == PointColor::depth) {
    photo.image = widened(depthcloud::color_map(depth.view()), depth.info().region);
    return;
  }
  constexpr int light_gray = 192;
  depthcloud::Image gray(depth.width(), depth.height());
  std::memset(gray.data(), light_gray, static_cast<std::size_t>(gray.stride() * gray.height()));
  photo.image = std::move(gray);
}

}  // namespace cli
