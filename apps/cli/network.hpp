// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <depthcloud/estimator_source.hpp>

#include "options.hpp"

namespace cli {

/// Where depth comes from when no depth map is given. Throws depthcloud::Error.
std::unique_ptr<depthcloud::EstimatorSource> load_network(const NetworkOptions& options);

}  // namespace cli
