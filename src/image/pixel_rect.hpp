// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/image.hpp>

namespace depthcloud {

/// A rectangle of whole pixels, at least one.
struct PixelRect {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
};

/// The pixels of a region of an image of this size, its edges moved to the nearest ones.
/// Error{invalid_argument} for a region that is not within the image.
PixelRect pixel_rect(const ImageRegion& region, int width, int height);

}  // namespace depthcloud
