// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include <depthcloud/frame_gate.hpp>
#include <depthcloud/image.hpp>

namespace depthcloud {

/// One picture of a video.
struct VideoFrame {
  Image image;  ///< RGB, upright, with square pixels
  /// The presentation time: of a source, since the start of its video; of a decoder, that of the
  /// access unit.
  std::chrono::microseconds time{};
  std::uint64_t index = 0;  ///< number of the picture among all that were decoded, from 0
  /// When the picture was captured as far as is known: of a live source, when it came in.
  Clock::time_point captured{};
};

}  // namespace depthcloud
