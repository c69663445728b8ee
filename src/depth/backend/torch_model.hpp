// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "depth/backend/registry.hpp"
#include "depth/depth_model.hpp"

namespace depthcloud {

/// Loads a model on LibTorch: settles device, threads and precision, and drives the backend.
/// Errors as DepthEstimator::load.
std::unique_ptr<DepthModel> load_torch_model(const BackendEntry& entry, const std::string& source,
                                             const EstimatorOptions& options);

}  // namespace depthcloud
