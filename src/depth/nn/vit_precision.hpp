// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <depthcloud/device.hpp>
#include <depthcloud/estimator.hpp>

#include "depth/backend/precision_check.hpp"
#include "depth/nn/parameters.hpp"
#include "depth/nn/vit.hpp"

namespace depthcloud::nn {

/// Numbers from -1 to 1 that are the same everywhere: an input for a PrecisionTrial.
at::Tensor waves(at::IntArrayRef shape);

/// Weights of no file, of the size of trained ones, so that every layer has a part in the result.
Parameters made_up_weights(const at::Device& device, Precision precision);

/// Returns the precision that Precision::automatic selects: of those that are accurate enough and
/// work on this device, the one in which a block of this network is fastest on images of this many
/// patches. Measures for at most 200 ms, once per process for each kind of block and number of
/// threads.
/// Thread-safety: share freely.
Precision fastest_precision(const VitConfig& vit, const PatchGrid& patches, const Device& device,
                            PrecisionTrial trial);

}  // namespace depthcloud::nn
