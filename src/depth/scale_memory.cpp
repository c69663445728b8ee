// SPDX-License-Identifier: Apache-2.0
#include "depth/scale_memory.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "depth/is_depth.hpp"

namespace depthcloud {
namespace {

constexpr int columns = 32, rows = 24;     // of a sketch
constexpr int samples = 4;                 // of a cell to each side
constexpr double least_correlation = 0.7;  // of two pictures
constexpr double least_compared = 0.25;    // of the cells
constexpr double least_agreeing = 0.8;     // of the ratios
constexpr double largest_deviation = 0.1;  // of a ratio from their median

/// The pixel of `size` that a place from 0 to 1 lies in.
std::ptrdiff_t pixel_at(double place, int size) {
  return std::clamp(static_cast<std::ptrdiff_t>(place * size), std::ptrdiff_t{0},
                    static_cast<std::ptrdiff_t>(size) - 1);
}

/// The light of a pixel: green, which is second in every order of samples but gray's.
float light_of(const ImageView& image, std::ptrdiff_t x, std::ptrdiff_t y) {
  const int bytes = channels(image.format);
  return image.data[y * image.stride + x * bytes + (bytes > 1 ? 1 : 0)];
}

float mean_light(const ImageView& image, const ImageRegion& region, int column, int row) {
  float sum = 0;
  for (int j = 0; j < samples; ++j) {
    for (int i = 0; i < samples; ++i) {
      const double u = (column + (i + 0.5) / samples) / columns;
      const double v = (row + (j + 0.5) / samples) / rows;
      sum += light_of(image, pixel_at(region.x + u * region.width, image.width),
                      pixel_at(region.y + v * region.height, image.height));
    }
  }
  return sum / (samples * samples);
}

/// Pearson's coefficient; 0 where one of them is flat to within the noise of a camera.
double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  constexpr double noise = 2;  // standard deviation, of 255
  const auto n = static_cast<double>(a.size());
  double sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum_a += a[i];
    sum_b += b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
    ab += double{a[i]} * b[i];
  }
  const double variance_a = aa / n - sum_a / n * sum_a / n;
  const double variance_b = bb / n - sum_b / n * sum_b / n;
  if (!(variance_a > noise * noise && variance_b > noise * noise)) return 0;
  return (ab / n - sum_a / n * sum_b / n) / std::sqrt(variance_a * variance_b);
}

}  // namespace

FrameSketch sketch(const DepthMap& depth, const ImageView& image) {
  FrameSketch result{.width = depth.width(), .height = depth.height()};
  const auto planes = depth.depth();
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const auto x = pixel_at((column + 0.5) / columns, depth.width());
      const auto y = pixel_at((row + 0.5) / rows, depth.height());
      const float z = planes[static_cast<std::size_t>(y * depth.width() + x)];
      result.depth.push_back(is_depth(z) ? z : 0);
      result.light.push_back(mean_light(image, depth.info().region, column, row));
    }
  }
  return result;
}

std::optional<double> scale_between(const FrameSketch& before, const FrameSketch& now) {
  if (before.width != now.width || before.height != now.height) return std::nullopt;
  if (correlation(before.light, now.light) < least_correlation) return std::nullopt;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < now.depth.size(); ++i) {
    if (before.depth[i] > 0 && now.depth[i] > 0) {
      ratios.push_back(double{before.depth[i]} / now.depth[i]);
    }
  }
  if (static_cast<double>(ratios.size()) < least_compared * static_cast<double>(now.depth.size())) {
    return std::nullopt;
  }
  const auto middle = ratios.begin() + std::ssize(ratios) / 2;
  std::ranges::nth_element(ratios, middle);
  const double median = *middle;
  const auto agreeing = std::ranges::count_if(
      ratios, [median](double ratio) { return std::abs(ratio / median - 1) <= largest_deviation; });
  const bool agree =
      static_cast<double>(agreeing) >= least_agreeing * static_cast<double>(ratios.size());
  return agree ? std::optional(median) : std::nullopt;
}

std::optional<double> ScaleMemory::carry(const FrameSketch& frame) {
  for (auto before = frames_.rbegin(); before != frames_.rend(); ++before) {
    const auto scale = scale_between(before->metres, frame);
    if (!scale) continue;
    const int carried = before->carried + 1;
    frames_.erase(std::next(before).base());
    if (carried >= interval_) return std::nullopt;
    remember(frame, *scale, carried);
    return scale;
  }
  return std::nullopt;
}

void ScaleMemory::keep(FrameSketch frame, double scale) { remember(std::move(frame), scale, 0); }

void ScaleMemory::remember(FrameSketch frame, double scale, int carried) {
  for (float& z : frame.depth) z = static_cast<float>(z * scale);
  if (frames_.size() == most_frames) frames_.erase(frames_.begin());
  frames_.push_back({std::move(frame), carried});
}

}  // namespace depthcloud
