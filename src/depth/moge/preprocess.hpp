// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <depthcloud/image.hpp>

#include "depth/grid.hpp"

namespace depthcloud {

/// An image of any format as red, green and blue from 0 to 1, resized to patches of 14 pixels:
/// [3, 14 rows, 14 columns], f32, on the CPU. Bilinear with anti-aliasing, as the authors do.
/// Memory beside the result does not grow with the height of the image.
at::Tensor resize_to_patches(const ImageView& image, const Grid& patches);

/// Of ImageNet, as every DINOv2 network was trained: [3].
at::Tensor image_mean();
at::Tensor image_deviation();

/// An image from 0 to 1 with both taken out.
at::Tensor normalised(const at::Tensor& unit);

}  // namespace depthcloud
