// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/image.hpp>

namespace depthcloud {

/// Scales down to RGB bit for bit as `cv::resize(..., INTER_AREA)` of OpenCV 4.6 does with RGB: the
/// networks were trained on its pixels. reduce_area() is faster and within one grey level of it.
/// Neither side grows; `out` is not what `image` views.
void resize_area_exact(const ImageView& image, int width, int height, Image& out);

}  // namespace depthcloud
