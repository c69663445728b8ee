// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <depthcloud/depth_source.hpp>

#include "options.hpp"

namespace server {

/// A network that is loaded and at full speed.
struct Model {
  std::unique_ptr<depthcloud::DepthSource> source;
  std::string name;
  std::string device;
  std::string precision;  ///< that it computes in
};

/// Loads and warms up. Throws depthcloud::Error.
Model load_model(const ModelOptions& options);

}  // namespace server
