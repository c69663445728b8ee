// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <depthcloud/depth_map.hpp>

namespace depthcloud {

/// How depth of an unknown unit becomes metres.
enum class ScaleModel {
  scale,          ///< metres = scale * depth: depth up to a scale, as most networks give it
  depth,          ///< metres = scale * depth + shift
  inverse_depth,  ///< 1 / metres = scale / depth + shift: inverse depth up to scale and shift
};

/// "scale", "depth" or "inverse-depth".
const char* to_string(ScaleModel model) noexcept;
/// The inverse of to_string(); anything else is Error{invalid_argument}.
ScaleModel parse_scale_model(std::string_view text);
/// All of these names, in the order of the enum.
std::span<const char* const> scale_model_names() noexcept;

/// A pixel of a depth map whose depth is known.
struct KnownDepth {
  double x = 0;       ///< pixels from the centre of the left column
  double y = 0;       ///< pixels from the centre of the upper row
  double metres = 0;  ///< along the optical axis
};

struct ScaleFitOptions {
  ScaleModel model = ScaleModel::scale;
  /// A known point counts as an inlier if the fit misses its depth by no more than this share of
  /// it.
  double inlier_error = 0.1;
};

/// Throws Error{invalid_argument, stage cloud} if an option is out of range.
void validate(const ScaleFitOptions& options);

/// What makes metres of a depth map.
struct ScaleFit {
  ScaleModel model = ScaleModel::scale;
  double scale = 1;
  double shift = 0;         ///< metres, or 1 / metres
  std::size_t points = 0;   ///< known points at pixels with depth
  std::size_t inliers = 0;  ///< those that the fit explains, see ScaleFitOptions::inlier_error
  double error = 0;         ///< median over the inliers of |fit - known| / known
};

/// Returns what makes the depth map agree with known depths. The pixel that is nearest to each
/// point is compared; points outside of the map or at pixels without depth are left out, and so are
/// those that are not finite and above 0. Robust: up to half of the points may be wrong. A first
/// fit has the most inliers (of `scale` it is the median of the ratios; of the others the best line
/// through two of the points, of at most 2000 pairs of 2000 points, always the same ones); then
/// least squares of the relative error over its inliers, in closed form, three times over. The
/// result is the same on every run. Throws Error{invalid_argument, stage cloud} if the view or an
/// option is not valid, if fewer than one point (`scale`) or two of different depth can be
/// compared, or if no fit explains any of them; Error{out_of_memory}. Thread-safe.
ScaleFit fit_scale(const DepthView& depth, std::span<const KnownDepth> known,
                   const ScaleFitOptions& options = {});

/// The same with a depth image of the same picture, of any size, that need not have depth
/// everywhere, for instance of a lidar: each of its pixels with depth is a known point.
ScaleFit fit_scale(const DepthView& depth, const DepthView& known,
                   const ScaleFitOptions& options = {});

/// Returns the map in metres, in host memory, is_metric() true. The translation of extrinsics is
/// scaled along; a fit with a shift has none, and the map no extrinsics. What the fit makes no
/// depth above 0 of has no depth. Throws Error{invalid_argument, stage cloud} if the fit is not
/// finite or its scale not above 0, Error{out_of_memory}. Thread-safe.
DepthMap apply_scale(const DepthMap& depth, const ScaleFit& fit);

}  // namespace depthcloud
