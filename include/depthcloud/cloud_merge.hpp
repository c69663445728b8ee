// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include <depthcloud/intrinsics.hpp>
#include <depthcloud/point_cloud.hpp>

namespace depthcloud {

/// The cloud of one view, in its camera's frame and any axes, and where that camera stood.
struct RegisteredCloud {
  CloudView cloud;
  Extrinsics extrinsics{};  ///< world to camera, in `opencv` axes and the cloud's unit
};

struct MergeOptions {
  Axes axes = Axes::opencv;    ///< of the result; axes change after the merge
  std::size_t max_points = 0;  ///< at most this many, thinned evenly over all views; 0: no limit
};

/// Several views as one cloud in the world frame of their extrinsics [R|t]:
/// X_world = R^T (X_camera - t). Points come view by view in the order that they have there;
/// num_views is the number of views, and no views make an empty cloud.
/// Errors (stage cloud): invalid_argument (a cloud or extrinsics that fail their check, see
/// validate() and validate_extrinsics()), out_of_memory. Thread-safety: share freely.
PointCloud merge(std::span<const RegisteredCloud> views, const MergeOptions& options = {});

/// The same into a cloud whose memory is reused; `out` must not be what a view borrows. After an
/// error its contents are unspecified.
void merge(std::span<const RegisteredCloud> views, const MergeOptions& options, PointCloud& out);

}  // namespace depthcloud
