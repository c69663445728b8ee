// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <depthcloud/buffer.hpp>
#include <depthcloud/depth_map.hpp>

namespace depthcloud {

/// Removes flying pixels, which lie between a foreground and what is behind it. Keeps its memory
/// from frame to frame. Thread-safety: one thread at a time.
class EdgeFilter {
 public:
  /// The depth plane with 0 for each pixel whose depth differs from that of one of its four
  /// neighbours by more than `threshold` times the nearer one. A neighbour without depth says
  /// nothing. Only rows 0, stride, 2 stride, ... are written. Valid until the next call.
  const float* remove(const DepthView& depth, int stride, float threshold);

 private:
  Buffer<float> depth_;
};

}  // namespace depthcloud
