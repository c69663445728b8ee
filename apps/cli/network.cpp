// SPDX-License-Identifier: Apache-2.0
#include "network.hpp"

namespace cli {

std::unique_ptr<depthcloud::EstimatorSource> load_network(const NetworkOptions& options) {
  auto estimator = std::make_shared<depthcloud::DepthEstimator>(
      depthcloud::DepthEstimator::load(options.model, options.estimator));
  return std::make_unique<depthcloud::EstimatorSource>(std::move(estimator), options.decode,
                                                       options.fast_decode);
}

}  // namespace cli
