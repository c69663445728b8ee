// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <depthcloud/estimator.hpp>

namespace depthcloud {

/// The PrecisionTrial of MoGe: what a network of few channels makes of an image of two patches by
/// two.
at::Tensor try_moge(const at::Device& device, Precision precision);

}  // namespace depthcloud
