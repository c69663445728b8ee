// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <depthcloud/estimator.hpp>

namespace depthcloud::test {

inline EstimatorOptions on(const std::string& device) {
  EstimatorOptions options;
  options.device = device;
  return options;
}

inline EstimatorOptions in(Precision precision) {
  EstimatorOptions options = on("cpu");
  options.precision = precision;
  return options;
}

inline EstimatorOptions with_threads(int threads) {
  EstimatorOptions options;
  options.threads = threads;
  return options;
}

}  // namespace depthcloud::test
