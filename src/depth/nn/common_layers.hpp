// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <depthcloud/estimator.hpp>

namespace depthcloud {

/// The PrecisionTrial of a network of which nothing is known: a product, a convolution, norm and
/// softmax.
at::Tensor try_common_layers(const at::Device& device, Precision precision);

}  // namespace depthcloud
