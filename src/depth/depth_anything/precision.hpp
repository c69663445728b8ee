// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <depthcloud/estimator.hpp>

namespace depthcloud {

/// The PrecisionTrial of Depth Anything: the last features of a backbone of few channels on one
/// view of two patches by two, and what the head makes of them.
at::Tensor try_depth_anything(const at::Device& device, Precision precision);

}  // namespace depthcloud
