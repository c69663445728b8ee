// SPDX-License-Identifier: Apache-2.0
#include "depth/metric_alignment.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace depthcloud {
namespace {

constexpr std::size_t hardly_any = 10;  // pixels that are not sky
constexpr std::size_t least_compared = 100;
constexpr double least_share_compared = 0.001;
constexpr float least_metres = 0.01F;
constexpr float least_depth = 0.001F;
constexpr double smallest_scale = 1e-3, largest_scale = 1e3;
constexpr double farthest_sky = 200;  // metres

/// Calls `use` with the view and the number of each pixel that is not sky.
template <typename Use>
void for_each_ground_pixel(std::span<const TwoDepths> views, Use&& use) {
  for (const TwoDepths& view : views) {
    for (std::size_t i = 0; i < view.depth.size(); ++i) {
      if (view.sky[i] == 0) use(view, i);
    }
  }
}

/// The finite values of a plane at the pixels that are not sky.
std::vector<float> on_ground(std::span<const TwoDepths> views,
                             std::span<const float> TwoDepths::*plane) {
  std::vector<float> values;
  for_each_ground_pixel(views, [&](const TwoDepths& view, std::size_t i) {
    if (std::isfinite((view.*plane)[i])) values.push_back((view.*plane)[i]);
  });
  return values;
}

/// With linear interpolation between neighbours; there is at least one value.
float quantile(std::vector<float> values, double share) {
  const double place = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::ptrdiff_t>(place);
  std::ranges::nth_element(values, values.begin() + low);
  const float at_low = values[static_cast<std::size_t>(low)];
  if (low + 1 == std::ssize(values)) return at_low;
  const float at_high = *std::min_element(values.begin() + low + 1, values.end());
  return static_cast<float>(at_low + (place - static_cast<double>(low)) * (at_high - at_low));
}

MetricAlignment none(const std::string& obstacle) { return {.obstacle = obstacle}; }

}  // namespace

MetricAlignment align_to_metres(std::span<const TwoDepths> views) {
  std::vector<float> confidences = on_ground(views, &TwoDepths::confidence);
  if (confidences.size() <= hardly_any) return none("the metric network sees nothing but sky");
  const float median = quantile(std::move(confidences), 0.5);

  MetricAlignment result;
  double products = 0, squares = 0, metric_squares = 0;
  for_each_ground_pixel(views, [&](const TwoDepths& view, std::size_t i) {
    const double d = view.depth[i], m = view.metres[i];
    const bool compared = view.confidence[i] >= median && view.metres[i] > least_metres &&
                          view.depth[i] > least_depth && std::isfinite(d) && std::isfinite(m);
    if (!compared) return;
    products += m * d;
    squares += d * d;
    metric_squares += m * m;
    ++result.pixels;
  });
  std::size_t area = 0;
  for (const TwoDepths& view : views) area += view.depth.size();
  const double enough = std::max(static_cast<double>(least_compared),
                                 least_share_compared * static_cast<double>(area));
  if (static_cast<double>(result.pixels) < enough) {
    return none(fmt::format("only {} pixels have depth of both networks", result.pixels));
  }
  result.scale = products / squares;
  if (!(result.scale >= smallest_scale && result.scale <= largest_scale)) {
    return none(fmt::format("a scale of {:.3g} is not plausible", result.scale));
  }
  // sum (m - s d)^2 of the least squares is sum m^2 - s sum m d
  result.error =
      std::sqrt(std::max(metric_squares - result.scale * products, 0.0) / metric_squares);
  return result;
}

float sky_depth(std::span<const TwoDepths> views, double scale) {
  std::vector<float> depths = on_ground(views, &TwoDepths::depth);
  if (depths.empty()) return 0;
  return static_cast<float>(std::min(scale * quantile(std::move(depths), 0.99), farthest_sky));
}

}  // namespace depthcloud
