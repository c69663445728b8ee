// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/estimator.hpp>

namespace depthcloud {

using Grid = DepthEstimator::Grid;

/// The grid of a model whose input is reduced by area: the aspect of the image, the longer side
/// `process_res`, each side rounded to a multiple of `multiple_of` where the image is large enough
/// for one. Never larger than the image, for area reduction cannot enlarge; at least 1 x 1.
Grid reduced_grid(int width, int height, int process_res, int multiple_of = 1);

}  // namespace depthcloud
