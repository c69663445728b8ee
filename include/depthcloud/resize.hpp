// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/image.hpp>

namespace depthcloud {

/// Returns the image at a smaller size, in the same format. Each new pixel is the mean over the
/// area that it covers, as in `cv::resize(..., INTER_AREA)`: within one grey level of that function
/// and 0.505 of the exact mean. If the mean lies between two levels, processors may round
/// differently. Width and height are reduced independently. photo() of the result is the photo that
/// `image` was made from, or `image` itself. Throws Error{invalid_argument, stage preprocess} if
/// the image is not valid or a side would grow, Error{out_of_memory}. Thread-safe.
Image reduce_area(const ImageView& image, int width, int height);

/// Writes the image to `out` and reuses its memory. `image` must not be a view of `out`.
void reduce_area(const ImageView& image, int width, int height, Image& out);

}  // namespace depthcloud
