// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "depth/depth_anything/config.hpp"

namespace depthcloud {

/// One published architecture.
struct DepthAnythingVariant {
  const char* name;
  const char* license;
  DepthAnythingFamily family;
  DepthMeaning meaning;
  VitConfig vit;
  DepthHeadConfig head;
};

/// All supported published variants. The name of a checkpoint is that of the first variant that
/// fits its tensors and its config. The licences are those of the weights' model cards.
const std::vector<DepthAnythingVariant>& depth_anything_variants();

}  // namespace depthcloud
