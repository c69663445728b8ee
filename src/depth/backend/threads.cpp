// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstdlib>
#include <thread>

#include <ATen/Parallel.h>

#include "depth/backend/torch_device.hpp"

namespace depthcloud {
namespace {

/// Whether the environment, the program or an earlier estimator has chosen. LibTorch does not
/// distinguish its default from a choice of the same number; the default is what a program that
/// never chose finds.
bool chosen(bool by_estimator) {
  return by_estimator || std::getenv("OMP_NUM_THREADS") != nullptr ||
         std::getenv("MKL_NUM_THREADS") != nullptr ||
         at::get_num_threads() != at::intraop_default_num_threads();
}

}  // namespace

void set_threads(int threads) {
  static std::atomic<bool> set_by_estimator{false};
  if (threads > 0) {
    at::set_num_threads(threads);
    set_by_estimator = true;
  } else if (!chosen(set_by_estimator)) {
    const unsigned cores = std::thread::hardware_concurrency();
    if (cores > 0) at::set_num_threads(static_cast<int>(cores));
  }
}

}  // namespace depthcloud
