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

/// Every published variant that is supported; the first of those that fit the tensors and what is
/// told of them names the checkpoint. The licences are those of the weights' model cards.
const std::vector<DepthAnythingVariant>& depth_anything_variants();

}  // namespace depthcloud
