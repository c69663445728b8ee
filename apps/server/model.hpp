// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <depthcloud/estimator_source.hpp>

#include "options.hpp"

namespace server {

struct LoadedModel {
  std::shared_ptr<depthcloud::EstimatorSource> source;
  bool gives_confidence = false;  ///< else it is 1 everywhere
};

/// Loads the model and runs it until it is at full speed; logs which flags of the network have no
/// effect. Throws depthcloud::Error.
LoadedModel load_model(const ModelOptions& options);

}  // namespace server
