// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace depthcloud {

/// The networks of Depth Anything 3 that read and predict cameras.
struct CameraConfig {
  static constexpr double norm_epsilon = 1e-5;
  static constexpr int encoder_blocks = 4;
  static constexpr int encoder_heads = 16;
};

}  // namespace depthcloud
