// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include <depthcloud/intrinsics.hpp>
#include <depthcloud/point_cloud.hpp>

namespace depthcloud {

/// The cloud of one view with the pose of its camera. Borrows the points.
struct RegisteredCloud {
  CloudView cloud;          ///< in the camera frame, in any axes
  Extrinsics extrinsics{};  ///< world to camera, in `opencv` axes and the cloud's unit
};

struct MergeOptions {
  Axes axes = Axes::opencv;  ///< of the result; points are converted after the merge
  /// Keeps the first point, view after view, in each voxel of this side: see thin_voxels(). Done
  /// before max_points. 0: off.
  float voxel_size = 0;
  std::size_t max_points = 0;  ///< keeps at most this many, spread evenly over all views; 0: off
};

/// Returns one cloud of several views, in the world frame of their extrinsics [R|t]:
/// X_world = R^T (X_camera - t). The points of each view keep their order, view after view.
/// num_views is the number of views; without views the cloud is empty. It has colours if the views
/// have. The caller owns the result. Throws Error{invalid_argument, stage cloud} if a cloud or its
/// extrinsics are not valid (see validate() and validate_extrinsics()), if some of the views that
/// have points have colours and others do not, or as thin_voxels(); Error{out_of_memory, stage
/// cloud}. Thread-safe.
PointCloud merge(std::span<const RegisteredCloud> views, const MergeOptions& options = {});

/// Writes the cloud to `out` and reuses its memory. No view may borrow the points of `out`. After
/// an error the contents of `out` are unspecified.
void merge(std::span<const RegisteredCloud> views, const MergeOptions& options, PointCloud& out);

}  // namespace depthcloud
