// SPDX-License-Identifier: Apache-2.0
#include "core/simd.hpp"

#include <hwy/highway.h>

namespace depthcloud {

const char* simd_target_name() {
  // Better targets have lower bits; dispatch takes the best of those that are compiled and there.
  const std::int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(targets & -targets);
}

}  // namespace depthcloud
