// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <depthcloud/cloud_builder.hpp>

/// What CloudBuilder does, written down once more as plainly as possible: one pixel at a time,
/// in double where the library may round.
namespace oracle {

using depthcloud::Axes;
using depthcloud::CloudOptions;
using depthcloud::DepthView;
using depthcloud::ImageView;
using depthcloud::Intrinsics;
using depthcloud::PixelFormat;

struct Cloud {
  std::vector<double> positions;
  std::vector<std::uint8_t> colors;
};

inline float depth_at(const DepthView& view, int v, int u) {
  return view.depth[static_cast<std::size_t>(v) * static_cast<std::size_t>(view.width) +
                    static_cast<std::size_t>(u)];
}

inline float confidence_at(const DepthView& view, int v, int u) {
  if (view.confidence == nullptr) return 1;
  return view.confidence[static_cast<std::size_t>(v) * static_cast<std::size_t>(view.width) +
                         static_cast<std::size_t>(u)];
}

inline bool has_depth(float z) { return std::isfinite(z) && z > 0; }

inline bool is_flying(const DepthView& view, int v, int u, float threshold) {
  const float z = depth_at(view, v, u);
  const int neighbours[4][2] = {{v - 1, u}, {v + 1, u}, {v, u - 1}, {v, u + 1}};
  for (const auto& [nv, nu] : neighbours) {
    if (nv < 0 || nv >= view.height || nu < 0 || nu >= view.width) continue;
    const float neighbour = depth_at(view, nv, nu);
    if (!has_depth(neighbour)) continue;
    if (std::fabs(z - neighbour) > threshold * std::min(z, neighbour)) return true;
  }
  return false;
}

inline const std::uint8_t* pixel_of(const ImageView& image, const DepthView& view, int v, int u) {
  const auto scaled = [](int pixel, int from, int to) {
    return std::min(static_cast<int>((2LL * pixel + 1) * to / (2LL * from)), to - 1);
  };
  return image.row(scaled(v, view.height, image.height)) +
         scaled(u, view.width, image.width) * channels(image.format);
}

inline void push_color(const ImageView& image, const DepthView& view, int v, int u, Cloud& out) {
  const std::uint8_t* const p = pixel_of(image, view, v, u);
  switch (image.format) {
    case PixelFormat::rgb:
    case PixelFormat::rgba:
      return void(out.colors.insert(out.colors.end(), {p[0], p[1], p[2]}));
    case PixelFormat::bgr:
    case PixelFormat::bgra:
      return void(out.colors.insert(out.colors.end(), {p[2], p[1], p[0]}));
    case PixelFormat::gray:
      return void(out.colors.insert(out.colors.end(), {p[0], p[0], p[0]}));
  }
}

/// The depth of a frame without the pixels that are fully transparent.
inline std::vector<float> opaque_depth(const DepthView& view, const ImageView& image) {
  std::vector<float> depth;
  for (int v = 0; v < view.height; ++v) {
    for (int u = 0; u < view.width; ++u) {
      const bool hidden = channels(image.format) == 4 && pixel_of(image, view, v, u)[3] == 0;
      depth.push_back(hidden ? 0 : depth_at(view, v, u));
    }
  }
  return depth;
}

inline Cloud build(const DepthView& given, const ImageView& image, const CloudOptions& options) {
  const std::vector<float> opaque = opaque_depth(given, image);
  DepthView view = given;
  if (!options.keep_transparent) view.depth = opaque.data();
  struct Pixel {
    int v, u;
  };
  std::vector<Pixel> pixels;
  for (int v = 0; v < view.height; v += options.stride.value_or(1)) {
    for (int u = 0; u < view.width; u += options.stride.value_or(1)) {
      const float z = depth_at(view, v, u);
      if (!has_depth(z) || z < options.min_depth || z > options.max_depth) continue;
      if (options.edge_threshold > 0 && is_flying(view, v, u, options.edge_threshold)) continue;
      pixels.push_back({v, u});
    }
  }
  if (options.confidence_percentile > 0 && !pixels.empty()) {
    std::vector<float> ranked;
    for (const Pixel& p : pixels) {
      const float confidence = confidence_at(view, p.v, p.u);
      ranked.push_back(std::isnan(confidence) ? -INFINITY : confidence);
    }
    std::sort(ranked.begin(), ranked.end());
    const float threshold = ranked[static_cast<std::size_t>(std::floor(
        double{options.confidence_percentile} / 100.0 * static_cast<double>(ranked.size())))];
    std::erase_if(pixels,
                  [&](const Pixel& p) { return !(confidence_at(view, p.v, p.u) >= threshold); });
  }
  if (options.min_confidence > 0) {
    std::erase_if(pixels, [&](const Pixel& p) {
      return !(confidence_at(view, p.v, p.u) >= options.min_confidence);
    });
  }
  if (options.max_points > 0 && pixels.size() > options.max_points) {
    std::vector<Pixel> thinned;
    const std::size_t n = pixels.size();
    const std::size_t limit = options.max_points;
    for (std::size_t k = 0; k < n; ++k) {
      if ((k + 1) * limit / n > k * limit / n) thinned.push_back(pixels[k]);
    }
    pixels = thinned;
  }

  const Intrinsics k = options.intrinsics.value_or(view.intrinsics);
  const double sign_y = options.axes == Axes::opencv ? 1 : -1;
  const double sign_z = options.axes == Axes::opengl ? -1 : 1;
  Cloud out;
  for (const Pixel& p : pixels) {
    const double z = depth_at(view, p.v, p.u);
    const double right = (p.u - k.cx) * z / k.fx;
    const double down = (p.v - k.cy) * z / k.fy;
    if (options.axes == Axes::ros) {
      out.positions.insert(out.positions.end(), {z, -right, -down});
    } else {
      out.positions.insert(out.positions.end(), {right, sign_y * down, sign_z * z});
    }
    push_color(image, view, p.v, p.u, out);
  }
  return out;
}

/// A frame of random depth, confidence and colours, with every kind of value that must be dropped,
/// in allocations that end where the planes end.
struct Scene {
  int width, height;
  std::vector<float> depth;
  std::vector<float> confidence;
  bool has_confidence;
  Intrinsics intrinsics;
  std::vector<std::uint8_t> pixels;
  ImageView image;

  DepthView view() const {
    return {width, height, depth.data(), has_confidence ? confidence.data() : nullptr, intrinsics};
  }
};

inline Scene random_scene(std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const auto unit = [&] { return static_cast<float>(random() % 10000) / 10000.0f; };
  Scene s;
  const int longest = below(4) == 0 ? 150 : 40;
  s.width = 1 + below(longest);
  s.height = 1 + below(longest);
  const std::size_t area = static_cast<std::size_t>(s.width) * static_cast<std::size_t>(s.height);
  s.has_confidence = below(6) != 0;
  const bool few_levels = below(3) == 0;
  const int bad_percent = below(3) * 20;
  const float bad_depths[] = {NAN, INFINITY, -INFINITY, -1, 0, -0.0f, 1e-40f, 3e38f};
  for (std::size_t i = 0; i < area; ++i) {
    const bool bad = below(100) < bad_percent;
    s.depth.push_back(bad ? bad_depths[below(8)] : 1 + 4 * unit());
    const float confidence = few_levels ? static_cast<float>(below(3)) : 2 * unit();
    s.confidence.push_back(below(50) == 0 ? NAN : confidence);
  }
  s.intrinsics = {10 + 300.0 * unit(), 10 + 300.0 * unit(), s.width * (0.3 + 0.4 * unit()),
                  s.height * (0.3 + 0.4 * unit())};

  const PixelFormat formats[] = {PixelFormat::rgb, PixelFormat::bgr, PixelFormat::rgba,
                                 PixelFormat::bgra, PixelFormat::gray};
  s.image.format = formats[below(5)];
  const bool same_size = below(3) != 0;
  s.image.width = same_size ? s.width : 1 + below(200);
  s.image.height = same_size ? s.height : 1 + below(200);
  const int row_bytes = s.image.width * channels(s.image.format);
  s.image.stride = row_bytes + (below(2) == 0 ? 0 : below(20));
  s.pixels.resize(static_cast<std::size_t>(s.image.stride) *
                      static_cast<std::size_t>(s.image.height - 1) +
                  static_cast<std::size_t>(row_bytes));
  for (auto& byte : s.pixels) byte = static_cast<std::uint8_t>(random());
  s.image.data = s.pixels.data();
  return s;
}

inline CloudOptions random_options(std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  CloudOptions o;
  o.stride = below(3) == 0 ? 1 + below(9) : 1 + below(2);
  if (below(2) == 0) o.min_confidence = 0.1f * static_cast<float>(below(15));
  if (below(3) == 0) o.confidence_percentile = static_cast<float>(below(1000)) / 10.0f;
  if (below(3) == 0) o.min_depth = 1 + 0.1f * static_cast<float>(below(20));
  if (below(3) == 0) o.max_depth = 3 + 0.1f * static_cast<float>(below(20));
  if (below(3) == 0) o.edge_threshold = 0.1f * static_cast<float>(below(20));
  if (below(3) == 0) o.max_points = static_cast<std::size_t>(below(300));
  if (below(4) == 0) o.intrinsics = Intrinsics{50, 60, 7.25, 3.5};
  const Axes axes[] = {Axes::opencv, Axes::opengl, Axes::v1, Axes::ros};
  o.axes = axes[below(4)];
  return o;
}

/// The position in `actual` of the first value that differs from `expected` by more than
/// `tolerance`, relative; -1 when they agree. Denormals may be off by two of their steps.
template <typename Actual>
std::ptrdiff_t first_difference(const Actual& actual, const std::vector<double>& expected,
                                double tolerance) {
  if (actual.size() != expected.size()) {
    return static_cast<std::ptrdiff_t>(std::min(actual.size(), expected.size()));
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double wanted = static_cast<double>(static_cast<float>(expected[i]));
    const double got = static_cast<double>(actual[i]);
    if (got == wanted) continue;  // infinite, too
    if (!(std::fabs(got - wanted) <= tolerance * std::fabs(wanted) + 3e-45)) {
      return static_cast<std::ptrdiff_t>(i);
    }
  }
  return -1;
}

}  // namespace oracle
