// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <depthcloud/estimator.hpp>
#include <depthcloud/estimator_source.hpp>

#include "options.hpp"

namespace cli {

/// Loads a network; what the library remarks on it goes to standard error. Throws
/// depthcloud::Error.
depthcloud::DepthEstimator load_estimator(const std::string& model,
                                          const depthcloud::EstimatorOptions& options);

/// Where depth comes from when no depth map is given. Throws as load_estimator.
std::unique_ptr<depthcloud::EstimatorSource> load_network(const NetworkOptions& options);

}  // namespace cli
