// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace depthcloud {

/// A point of an affine point map, and where its pixel lies in the view plane.
struct PointSample {
  float x = 0, y = 0, z = 0;
  float u = 0, v = 0;
};

/// What makes an affine point map the picture of a pinhole camera.
struct FocalShift {
  double focal = 1;  ///< in units of half the image's diagonal; may be negative or not finite
  float shift = 0;   ///< to be added to z
  std::vector<double> trials{};  ///< the shifts that the search tried, in order
};

/// Finds the shift s for which the projections f (x, y) / (z + s) come nearest to (u, v), with the
/// best f for each s, or with the one that is known. Fewer than two samples: focal length 1, or the
/// known one, and no shift. Computed in f64, in the order of the samples: the same on every
/// machine and for every number of threads.
///
/// The method is that of MoGe (Wang et al., 2025): Levenberg-Marquardt as MINPACK's lmdif does it
/// (Moré, Garbow and Hillstrom, "User Guide for MINPACK-1", 1980), from s = 0, which stops at a
/// relative decrease of 1e-3; with the exact derivative in place of a forward difference.
FocalShift recover_focal_shift(std::span<const PointSample> samples,
                               const std::optional<double>& known_focal = {});

}  // namespace depthcloud
