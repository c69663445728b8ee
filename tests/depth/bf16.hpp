// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "torch_doctest.hpp"

#include "depth/backend/precision_check.hpp"
#include "depth/depth_anything/precision.hpp"

namespace depthcloud::test {

/// Whether this CPU computes in bf16. Where it does not, says so, by which CTest knows that the
/// suite `bf16` was skipped.
inline bool bf16_works() {
  const std::string obstacle = precision_obstacle(try_depth_anything, {}, Precision::bf16);
  if (!obstacle.empty()) MESSAGE("skipped: bf16: " << obstacle);
  return obstacle.empty();
}

}  // namespace depthcloud::test
