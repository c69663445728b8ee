// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <depthcloud/buffer.hpp>
#include <depthcloud/cloud_builder.hpp>

#include "cloud/edge_filter.hpp"
#include "cloud/transparency.hpp"
#include "cloud/unproject_rows.hpp"

namespace depthcloud {

/// CloudBuilder on host memory. Arguments are checked by the caller. Keeps scratch memory and
/// tables from frame to frame. Thread-safety: one thread at a time.
class HostCloudBuilder {
 public:
  void build(const DepthView& depth, const ImageView& image, const CloudOptions& options,
             PointCloud& out);
  void build_grid(const DepthView& depth, const ImageView& image, const CloudOptions& options,
                  DepthGrid& out);

 private:
  /// A view whose flying pixels are gone, and which of its samples make a point.
  struct Filtered {
    DepthView depth;  ///< with the intrinsics in force; confidence only where it is used
    KeepRange keep;
    bool none = false;  ///< no sample does
  };
  Filtered filtered(const DepthView& view, const ImageView& image, const CloudOptions& options);

  /// The normals of the samples that make a point, in the axes of the tables.
  void collect_normals(const DepthView& depth, const KeepRange& keep, Buffer<float>& out) const;

  /// What the tables below were made for.
  struct Shape {
    int width, height, image_width, image_height, stride;
    PixelFormat format;
    Intrinsics intrinsics;
    Axes axes;
    bool operator==(const Shape&) const = default;
  };

  void prepare(const Shape& shape);
  /// Rows, from the first on, that the kernel may read in place: it reads behind a row's end.
  int rows_in_place(const DepthView& depth, const ImageView& image) const;
  SampledRows in_place(const DepthView& depth, const ImageView& image, int rows) const;
  /// One row, its samples collected.
  SampledRows collected(const DepthView& depth, const ImageView& image, int row);

  Shape shape_{};
  SampleGrid grid_{1, 1, 1};
  std::array<float, 3> sign_{1, 1, 1};  // of the coordinates, relative to `opencv`
  Buffer<float> ray_x_;
  Buffer<float> ray_y_;
  Buffer<std::ptrdiff_t> color_offsets_;  ///< of each column's pixel in its image row, bytes
  Buffer<float> row_depth_;
  Buffer<float> row_confidence_;
  Buffer<std::uint8_t> row_colors_;
  TransparencyFilter transparency_;
  EdgeFilter edge_filter_;
  Buffer<float> confidences_;
};

}  // namespace depthcloud
