// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace depthcloud::nn {

/// Height and width in pixels.
struct ImageSize {
  std::int64_t height = 0;
  std::int64_t width = 0;
  bool operator==(const ImageSize&) const = default;
};

/// Sinusoids of the position of a pixel in an image of a known aspect ratio, which the multi-view
/// heads of Depth Anything 3 add. Half of the channels depend only on the column and half only on
/// the row, so only one row and one column are stored.
class UvEmbedding {
 public:
  /// For maps [.., channels, map.height, map.width] of an image.
  UvEmbedding(std::int64_t channels, const ImageSize& map, const ImageSize& image,
              at::Device device);

  /// x + 0.1 E in place; returns x.
  at::Tensor add_to(at::Tensor x) const;

 private:
  at::Tensor of_columns_;  ///< [channels / 2, 1, width], scaled
  at::Tensor of_rows_;     ///< [channels / 2, height, 1], scaled
};

}  // namespace depthcloud::nn
