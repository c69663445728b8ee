// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

namespace depthcloud {

/// Extrinsics in and out are world to camera, [S, 3, 4], f64, on the CPU.

/// The same cameras as Depth Anything 3 takes them: in the frame of the first, in units of the
/// median distance of the camera centres from it (at least a tenth of the unit they came in).
at::Tensor normalized_extrinsics(const at::Tensor& extrinsics);

/// How many units of the predicted cameras make one unit of the given ones: the scale of the
/// similarity that takes the given camera centres to the predicted ones with the least squared
/// error (Umeyama, "Least-squares estimation of transformation parameters between two point
/// patterns", 1991). From ten views on it is the consensus of the views, outliers left out. Where
/// the centres do not determine it, because those of one side coincide, it is the unit of
/// normalized_extrinsics().
double alignment_scale(const at::Tensor& given, const at::Tensor& predicted);

}  // namespace depthcloud
