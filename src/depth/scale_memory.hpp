// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <depthcloud/depth_map.hpp>
#include <depthcloud/image.hpp>

namespace depthcloud {

/// A frame, reduced to a few cells: what a camera saw, to be compared with what it sees next.
struct FrameSketch {
  int width = 0;  ///< of the depth map
  int height = 0;
  std::vector<float> depth{};  ///< at the centres of the cells; 0: none
  std::vector<float> light{};  ///< mean of the pixels of each cell, 0 to 255
};

/// Depth in host memory and its image, which show the same.
FrameSketch sketch(const DepthMap& depth, const ImageView& image);

/// The scale from the unit of `now` to that of `before`: the median of the ratios of depth, cell by
/// cell. Nothing where the two do not show the same scene from nearly the same place: pictures that
/// correlate by less than 0.7 (a picture without texture correlates with none), depth in less than
/// a quarter of the cells, or fewer than four fifths of the ratios within a tenth of the median.
std::optional<double> scale_between(const FrameSketch& before, const FrameSketch& now);

/// The last frames of some cameras, in metres. Each pass of a network has a unit of its own: a
/// frame gets its scale from the one before that it agrees with, up to `interval` - 1 times in a
/// row. Cameras are told apart by what they see. Thread-safety: one thread at a time.
class ScaleMemory {
 public:
  explicit ScaleMemory(int interval) : interval_(interval) {}

  /// The metres of the frame's unit, by the frame before; nothing: they have to be found anew. The
  /// frame is remembered in both cases, in the second by keep().
  std::optional<double> carry(const FrameSketch& frame);

  /// Remembers a frame whose scale was found anew.
  void keep(FrameSketch frame, double scale);

 private:
  struct Frame {
    FrameSketch metres;
    int carried = 0;  ///< times in a row
  };
  void remember(FrameSketch frame, double scale, int carried);

  static constexpr std::size_t most_frames = 8;
  int interval_;
  std::vector<Frame> frames_;  ///< the newest is last
};

}  // namespace depthcloud
