// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <new>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/depth_file.hpp>
#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

using Rgb = std::array<std::uint8_t, 3>;

/// Horner's scheme, lowest power first.
float polynomial(const std::array<float, 6>& coefficients, float x) {
  float sum = 0;
  for (std::size_t i = coefficients.size(); i-- > 0;) sum = sum * x + coefficients[i];
  return sum;
}

/// Turbo, from dark blue (0) to dark red (1): A. Mikhailov, "Turbo, An Improved Rainbow Colormap
/// for Visualization", Google Research blog 2019; the polynomials that he and R. Du published with
/// it: https://gist.github.com/mikhailov-work/0d177465a8151eb6ede1768d51d476c7.
Rgb turbo(float t) {
  constexpr std::array<std::array<float, 6>, 3> coefficients = {{
      {0.13572138f, 4.61539260f, -42.66032258f, 132.13108234f, -152.94239396f, 59.28637943f},
      {0.09140261f, 2.19418839f, 4.84296658f, -14.18503333f, 4.27729857f, 2.82956604f},
      {0.10667330f, 12.64194608f, -60.58204836f, 110.36276771f, -89.90310912f, 27.34824973f},
  }};
  Rgb color;
  for (std::size_t c = 0; c < color.size(); ++c) {
    const float value = std::clamp(polynomial(coefficients[c], t), 0.0f, 1.0f);
    color[c] = static_cast<std::uint8_t>(std::lround(255.0f * value));
  }
  return color;
}

using Palette = std::array<Rgb, 256>;

Palette make_palette() {
  Palette palette;
  for (std::size_t i = 0; i < palette.size(); ++i) palette[i] = turbo(static_cast<float>(i) / 255);
  return palette;
}

bool has_depth(float z) { return std::isfinite(z) && z > 0; }

/// Finite even for the smallest depths, whose reciprocal a float cannot hold.
float inverse_of(float z) { return std::min(1 / z, std::numeric_limits<float>::max()); }

struct Range {
  float low = 0;
  float high = 0;
};

/// The 2nd and 98th percentile (nearest rank) of inverse depth, so that a few stray pixels do not
/// take all the colours.
Range inverse_range(std::span<const float> depth) {
  std::vector<float> inverse;
  inverse.reserve(depth.size());
  for (const float z : depth) {
    if (has_depth(z)) inverse.push_back(inverse_of(z));
  }
  if (inverse.empty()) return {};
  const auto percentile = [&](double p) {
    const auto rank =
        static_cast<std::ptrdiff_t>(std::lround(p / 100 * static_cast<double>(inverse.size() - 1)));
    std::nth_element(inverse.begin(), inverse.begin() + rank, inverse.end());
    return inverse[static_cast<std::size_t>(rank)];
  };
  return {percentile(2), percentile(98)};
}

}  // namespace

Image color_map(const DepthView& view) try {
  validate(view);
  const std::span depth(
      view.depth, static_cast<std::size_t>(view.width) * static_cast<std::size_t>(view.height));
  const Range range = inverse_range(depth);
  const float span = range.high - range.low;
  const Palette palette = make_palette();

  Image image(view.width, view.height);
  std::uint8_t* out = image.data();
  for (const float z : depth) {
    Rgb color{};
    if (has_depth(z)) {
      // Everything at one depth: the middle of the palette.
      const float t = span > 0 ? std::clamp((inverse_of(z) - range.low) / span, 0.0f, 1.0f) : 0.5f;
      color = palette[static_cast<std::size_t>(std::lround(255 * t))];
    }
    out = std::ranges::copy(color, out).out;
  }
  return image;
} catch (const std::bad_alloc&) {
  throw Error(ErrorCode::out_of_memory, Stage::file,
              fmt::format("no memory for {} x {} pixels", view.width, view.height));
}

}  // namespace depthcloud
