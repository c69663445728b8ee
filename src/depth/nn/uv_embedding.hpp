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

/// Sinusoids of where a pixel lies in an image of a known aspect ratio, as the any-view heads of
/// Depth Anything 3 add them. Half of the channels depend on the column alone and half on the row
/// alone, so that only a row and a column are kept.
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
