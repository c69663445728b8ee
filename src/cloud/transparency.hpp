// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/buffer.hpp>
#include <depthcloud/cloud_builder.hpp>

namespace depthcloud {

/// Whether a pixel that a depth map of this size shows is fully transparent (alpha 0) and the
/// options do not keep such.
bool hides_pixels(const ImageView& image, int width, int height, const CloudOptions& options);

/// Removes what the image shows as fully transparent. Keeps its memory from frame to frame.
/// Thread-safety: one thread at a time.
class TransparencyFilter {
 public:
  /// The depth plane with 0 for each pixel that is hidden: the view's own where none is. Valid
  /// until the next call.
  const float* remove(const DepthView& depth, const ImageView& image, const CloudOptions& options);

 private:
  Buffer<float> depth_;
};

}  // namespace depthcloud
