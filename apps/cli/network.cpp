// SPDX-License-Identifier: Apache-2.0
#include "network.hpp"

namespace cli {

depthcloud::EstimatorOptions estimator_options(const NetworkOptions& options) {
  return {.device = options.device,
          .precision = depthcloud::parse_precision(options.precision),
          .process_res = options.process_res,
          .resize_method = depthcloud::parse_resize_method(options.resize_method),
          .threads = options.threads,
          .intrinsics = options.camera.intrinsics,
          .fov_degrees = options.camera.fov_degrees};
}

std::unique_ptr<depthcloud::EstimatorSource> load_network(const NetworkOptions& options) {
  auto estimator = std::make_shared<depthcloud::DepthEstimator>(
      depthcloud::DepthEstimator::load(options.model, estimator_options(options)));
  return std::make_unique<depthcloud::EstimatorSource>(
      std::move(estimator), depthcloud::DecodeOptions{}, options.fast_decode);
}

}  // namespace cli
