// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

namespace depthcloud {

/// The head after the transformer: DualDPT of the any-view models (depth, confidence, rays), DPT
/// with a sky branch (DA3 mono and metric), plain DPT (V2).
enum class DepthHead { dual_dpt, dpt_sky, dpt };

struct DepthHeadConfig {
  static constexpr int neck_channels = 32;      ///< of the last 3 x 3 convolution, in every model
  static constexpr double norm_epsilon = 1e-5;  ///< head.norm and the ray branch (DualDPT)

  DepthHead kind = DepthHead::dpt;
  int features = 0;
  std::array<int, 4> out_channels{};
  bool operator==(const DepthHeadConfig&) const = default;
};

}  // namespace depthcloud
