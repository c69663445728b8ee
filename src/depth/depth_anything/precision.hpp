// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <depthcloud/device.hpp>
#include <depthcloud/estimator.hpp>

#include "depth/depth_anything/config.hpp"
#include "depth/nn/vit.hpp"

namespace depthcloud {

/// The PrecisionTrial of Depth Anything: the last features of a backbone of few channels on one
/// view of two patches by two, and what the head makes of them.
at::Tensor try_depth_anything(const at::Device& device, Precision precision);

/// Returns the precision that Precision::automatic selects: of those that are accurate enough and
/// work on this device, the one in which a block of this network is fastest on images of this many
/// patches. Measures for at most 200 ms, once per process for each kind of block and number of
/// threads.
/// Thread-safety: share freely.
Precision fastest_precision(const DepthAnythingConfig& config, const nn::PatchGrid& patches,
                            const Device& device);

}  // namespace depthcloud
