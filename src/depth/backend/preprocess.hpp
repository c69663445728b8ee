// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include "depth/backend/backend.hpp"

namespace depthcloud {

/// The image reduced by area to the grid, as RGB: [3, H, W] uint8, interleaved in memory
/// (channels last). The image is at least as large as the grid and has any pixel format.
at::Tensor reduced_rgb(const ImageView& image, const Grid& grid);

/// [B, 3, H, W] uint8 to float in [0, 1], channels last, on the same device.
at::Tensor to_unit_range(const at::Tensor& images);

}  // namespace depthcloud
