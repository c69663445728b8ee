// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/image.hpp>

namespace depthcloud {

/// Scales an image down by averaging over the area that each new pixel covers, as
/// `cv::resize(..., INTER_AREA)` does, within one grey level of it and 0.505 of the exact mean:
/// where that lies between two levels, processors may differ. Width and height shrink
/// independently; neither may grow (Error{invalid_argument}, stage preprocess). The format stays;
/// photo() of the result names the photo that `image` was made from, or `image` itself.
/// Thread-safety: share freely.
Image reduce_area(const ImageView& image, int width, int height);

/// The same into an image whose memory is reused; `out` must not be what `image` views.
void reduce_area(const ImageView& image, int width, int height, Image& out);

}  // namespace depthcloud
