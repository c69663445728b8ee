// SPDX-License-Identifier: Apache-2.0
#include "network.hpp"

#include <stdexcept>

#include "remarks.hpp"

namespace cli {

depthcloud::DepthEstimator load_estimator(const std::string& model,
                                          const depthcloud::EstimatorOptions& options) {
  const Remarks remarks;
  return depthcloud::DepthEstimator::load(model, options);
}

std::unique_ptr<depthcloud::EstimatorSource> load_network(const NetworkOptions& options) {
  auto estimator = std::make_shared<depthcloud::DepthEstimator>(
      load_estimator(options.model, options.estimator));
  if (options.estimator.normals && !estimator->info().normals) {
    throw std::runtime_error(estimator->info().name +
                             " computes no normals; MoGe-2 models whose name ends in -normal do");
  }
  return std::make_unique<depthcloud::EstimatorSource>(std::move(estimator), options.decode,
                                                       options.fast_decode);
}

}  // namespace cli
