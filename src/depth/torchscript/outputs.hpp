// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <ATen/core/ivalue.h>

#include "depth/backend/backend.hpp"

namespace depthcloud {

/// Reads what a TorchScript module returned for a [B, 3, H, W] input: a depth tensor, a tuple of
/// depth, confidence and intrinsics, or a dict with the names of docs/models.md. The planes are
/// cropped to the grid (the input may be padded to a multiple). Error{bad_model}, stage infer,
/// names what is wrong.
Prediction read_outputs(const c10::IValue& value, const at::Tensor& input, const Grid& grid);

}  // namespace depthcloud
