// SPDX-License-Identifier: Apache-2.0
#include "model.hpp"

#include <utility>

namespace server {
namespace {

constexpr int warm_up_width = 640;
constexpr int warm_up_height = 480;

}  // namespace

std::shared_ptr<depthcloud::EstimatorSource> load_model(const ModelOptions& options) {
  auto estimator = std::make_shared<depthcloud::DepthEstimator>(
      depthcloud::DepthEstimator::load(options.source, options.estimator));
  estimator->warm_up(warm_up_width, warm_up_height);
  return std::make_shared<depthcloud::EstimatorSource>(
      std::move(estimator),
      depthcloud::DecodeOptions{.max_pixels = options.max_pixels, .formats = options.formats},
      options.fast_decode);
}

}  // namespace server
