// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/depth_scale.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/enum_names.hpp"
#include "depth/is_depth.hpp"

namespace depthcloud {
namespace {

constexpr EnumNames<ScaleModel, 3> models{{"scale", "depth", "inverse-depth"}};
constexpr std::size_t most_compared = 2000;  ///< points, and pairs, for the first fit

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::cloud, message);
}

/// One known point: the depth of the map there, and the true one.
struct Pair {
  double depth;
  double metres;
};

/// The two sides of the line that a model is.
double side(ScaleModel model, double depth) {
  return model == ScaleModel::inverse_depth ? 1 / depth : depth;
}

/// metres of a depth; not above 0 where there are none.
double metres_of(const ScaleFit& fit, double depth) {
  return side(fit.model, fit.scale * side(fit.model, depth) + fit.shift);
}

double relative_error(const ScaleFit& fit, const Pair& pair) {
  const double metres = metres_of(fit, pair.depth);
  return is_depth(metres) ? std::abs(metres - pair.metres) / pair.metres
                          : std::numeric_limits<double>::infinity();
}

std::optional<Pair> compare(const DepthView& depth, double x, double y, double metres) {
  const double column = std::floor(x + 0.5), row = std::floor(y + 0.5);
  if (!(column >= 0 && column < depth.width && row >= 0 && row < depth.height)) return std::nullopt;
  const auto at = static_cast<std::size_t>(row) * static_cast<std::size_t>(depth.width) +
                  static_cast<std::size_t>(column);
  const double found = depth.depth[at];
  return is_depth(found) && is_depth(metres) ? std::optional(Pair{found, metres}) : std::nullopt;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Evenly spread, so that no part of the picture is left out.
std::vector<Pair> some_of(const std::vector<Pair>& pairs) {
  if (pairs.size() <= most_compared) return pairs;
  std::vector<Pair> some;
  for (std::size_t i = 0; i < most_compared; ++i) {
    some.push_back(pairs[i * pairs.size() / most_compared]);
  }
  return some;
}

std::vector<Pair> inliers_of(const std::vector<Pair>& pairs, const ScaleFit& fit, double error) {
  std::vector<Pair> inliers;
  std::ranges::copy_if(pairs, std::back_inserter(inliers),
                       [&](const Pair& pair) { return relative_error(fit, pair) <= error; });
  return inliers;
}

/// The line through two points, if it has a direction.
std::optional<ScaleFit> line_through(ScaleModel model, const Pair& a, const Pair& b) {
  const double run = side(model, b.depth) - side(model, a.depth);
  if (run == 0) return std::nullopt;
  ScaleFit fit{.model = model};
  fit.scale = (side(model, b.metres) - side(model, a.metres)) / run;
  fit.shift = side(model, a.metres) - fit.scale * side(model, a.depth);
  if (!is_depth(fit.scale) || !std::isfinite(fit.shift)) return std::nullopt;
  return fit;
}

/// Of lines through two of the points the one that has the most inliers.
std::optional<ScaleFit> best_line(const std::vector<Pair>& pairs, const ScaleFitOptions& options) {
  const std::vector<Pair> some = some_of(pairs);
  const std::size_t all = some.size() * (some.size() - 1) / 2;
  std::optional<ScaleFit> best;
  std::size_t most = 0;
  const auto try_pair = [&](std::size_t i, std::size_t j) {
    const auto line = line_through(options.model, some[i], some[j]);
    if (!line) return;
    const auto count = static_cast<std::size_t>(std::ranges::count_if(some, [&](const Pair& pair) {
      return relative_error(*line, pair) <= options.inlier_error;
    }));
    if (count <= most) return;
    most = count;
    best = line;
  };
  if (all <= most_compared) {
    for (std::size_t i = 0; i < some.size(); ++i) {
      for (std::size_t j = i + 1; j < some.size(); ++j) try_pair(i, j);
    }
    return best;
  }
  std::uint64_t state = 1;  // Knuth's MMIX generator: the same pairs everywhere
  const auto next = [&] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>((state >> 33) % some.size());
  };
  for (std::size_t i = 0; i < most_compared; ++i) {
    const std::size_t first = next();
    try_pair(first, next());
  }
  return best;
}

/// Least squares of the relative error: sum of ((scale x + shift) / y - 1)^2.
std::optional<ScaleFit> least_squares(ScaleModel model, const std::vector<Pair>& pairs) {
  double aa = 0, ab = 0, bb = 0, a1 = 0, b1 = 0;  // of a = x / y and b = 1 / y
  for (const Pair& pair : pairs) {
    const double y = side(model, pair.metres);
    const double a = side(model, pair.depth) / y, b = 1 / y;
    aa += a * a;
    ab += a * b;
    bb += b * b;
    a1 += a;
    b1 += b;
  }
  ScaleFit fit{.model = model};
  if (model == ScaleModel::scale) {
    fit.scale = a1 / aa;
  } else {
    const double determinant = aa * bb - ab * ab;
    if (!(determinant > 1e-12 * aa * bb)) return std::nullopt;  // all of one depth
    fit.scale = (a1 * bb - b1 * ab) / determinant;
    fit.shift = (b1 * aa - a1 * ab) / determinant;
  }
  if (!is_depth(fit.scale) || !std::isfinite(fit.shift)) return std::nullopt;
  return fit;
}

ScaleFit fit(const std::vector<Pair>& pairs, const ScaleFitOptions& options) {
  constexpr int rounds = 3;
  const std::size_t needed = options.model == ScaleModel::scale ? 1 : 2;
  if (pairs.size() < needed) {
    fail(fmt::format("{} known points lie at pixels with depth, '{}' needs {}", pairs.size(),
                     to_string(options.model), needed));
  }
  std::optional<ScaleFit> found;
  if (options.model == ScaleModel::scale) {
    std::vector<double> ratios;
    ratios.reserve(pairs.size());
    for (const Pair& pair : pairs) ratios.push_back(pair.metres / pair.depth);
    found = ScaleFit{.scale = median(std::move(ratios))};
  } else {
    found = best_line(pairs, options);
    if (!found) fail("the known points have no two depths that a scale and a shift could map");
  }
  std::vector<Pair> inliers = inliers_of(pairs, *found, options.inlier_error);
  for (int round = 0; round < rounds; ++round) {
    const auto refined = least_squares(options.model, inliers);
    if (!refined) break;
    std::vector<Pair> explained = inliers_of(pairs, *refined, options.inlier_error);
    if (explained.size() < inliers.size()) break;
    found = refined;
    inliers = std::move(explained);
  }
  if (inliers.empty())
    fail("the known points contradict each other: no scale explains any of them");
  std::vector<double> errors;
  errors.reserve(inliers.size());
  for (const Pair& pair : inliers) errors.push_back(relative_error(*found, pair));
  found->points = pairs.size();
  found->inliers = inliers.size();
  found->error = median(std::move(errors));
  return *found;
}

}  // namespace

const char* to_string(ScaleModel model) noexcept { return models.to_string(model); }
ScaleModel parse_scale_model(std::string_view text) {
  return models.parse(text, "scale model", Stage::cloud);
}
std::span<const char* const> scale_model_names() noexcept { return models.all(); }

void validate(const ScaleFitOptions& options) {
  if (!(options.inlier_error > 0 && options.inlier_error < 1)) {
    fail(fmt::format("inlier_error is {}, must be above 0 and below 1", options.inlier_error));
  }
}

ScaleFit fit_scale(const DepthView& depth, std::span<const KnownDepth> known,
                   const ScaleFitOptions& options) try {
  validate(depth);
  validate(options);
  std::vector<Pair> pairs;
  for (const KnownDepth& point : known) {
    if (const auto pair = compare(depth, point.x, point.y, point.metres)) pairs.push_back(*pair);
  }
  return fit(pairs, options);
} catch (const std::bad_alloc&) {
  throw Error(ErrorCode::out_of_memory, Stage::cloud, "no memory for known points");
}

ScaleFit fit_scale(const DepthView& depth, const DepthView& known,
                   const ScaleFitOptions& options) try {
  validate(depth);
  validate(known);
  validate(options);
  const double to_x = static_cast<double>(depth.width) / known.width;
  const double to_y = static_cast<double>(depth.height) / known.height;
  std::vector<Pair> pairs;
  for (int v = 0; v < known.height; ++v) {
    const float* const row =
        known.depth + static_cast<std::ptrdiff_t>(v) * static_cast<std::ptrdiff_t>(known.width);
    for (int u = 0; u < known.width; ++u) {
      if (!is_depth(row[u])) continue;
      const auto pair = compare(depth, (u + 0.5) * to_x - 0.5, (v + 0.5) * to_y - 0.5, row[u]);
      if (pair) pairs.push_back(*pair);
    }
  }
  return fit(pairs, options);
} catch (const std::bad_alloc&) {
  throw Error(ErrorCode::out_of_memory, Stage::cloud, "no memory for known points");
}

DepthMap apply_scale(const DepthMap& depth, const ScaleFit& fit) try {
  if (!is_depth(fit.scale) || !std::isfinite(fit.shift)) {
    fail(fmt::format("a fit with scale {} and shift {}", fit.scale, fit.shift));
  }
  const DepthMap map = depth.host();
  DepthPlanes planes;
  planes.depth.reserve(map.depth().size());
  for (const float z : map.depth()) {
    const double metres = is_depth(z) ? metres_of(fit, z) : 0;
    planes.depth.push_back(
        metres > 0 && metres <= std::numeric_limits<float>::max() ? static_cast<float>(metres) : 0);
  }
  planes.confidence.assign(map.confidence().begin(), map.confidence().end());
  planes.sky.assign(map.sky().begin(), map.sky().end());
  planes.normals.assign(map.normals().begin(), map.normals().end());
  DepthInfo info = map.info();
  info.metric = true;
  info.metres_source = MetresSource::known_depth;
  if (fit.model != ScaleModel::scale) {
    info.extrinsics.reset();  // no shift of depth moves the camera
  } else if (info.extrinsics) {
    for (const std::size_t i : {3u, 7u, 11u}) (*info.extrinsics)[i] *= fit.scale;
  }
  return {map.width(), map.height(), std::move(planes), info};
} catch (const std::bad_alloc&) {
  throw Error(ErrorCode::out_of_memory, Stage::cloud, "no memory for a depth map in metres");
}

}  // namespace depthcloud
