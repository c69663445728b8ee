// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "depth/depth_model.hpp"

namespace depthcloud {

/// Throws Error{invalid_argument, stage load} if a metric network can do nothing for this model: it
/// is metric already, or estimates no camera and no confidence.
void check_takes_metres(const ModelInfo& info);

/// The model with its depth and poses in metres, by a metric network beside it: see
/// EstimatorOptions::metric_model. Throws Error{invalid_argument, stage load} that says which of
/// the two does not fit and why.
std::unique_ptr<DepthModel> add_metres(std::unique_ptr<DepthModel> model,
                                       std::unique_ptr<DepthModel> metric,
                                       const EstimatorOptions& options);

}  // namespace depthcloud
