// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <depthcloud/estimator_source.hpp>

#include "options.hpp"

namespace server {

/// Loads the model and runs it until it is at full speed. Throws depthcloud::Error.
std::shared_ptr<depthcloud::EstimatorSource> load_model(const ModelOptions& options);

}  // namespace server
