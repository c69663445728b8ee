// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <depthcloud/buffer.hpp>
#include <depthcloud/estimator.hpp>
#include <depthcloud/image.hpp>
#include <depthcloud/intrinsics.hpp>

namespace depthcloud {

using Grid = DepthEstimator::Grid;

/// The way of an image to the network's grid: one or two resizes, then a crop.
struct GridPlan {
  Grid image{};    ///< as it comes
  Grid bounded{};  ///< its bound side is process_res
  Grid resized{};  ///< both sides as the grid needs them, or a little more
  int crop_x = 0;  ///< of `resized`, in pixels from its left
  int crop_y = 0;  ///< and from its top
  Grid grid{};     ///< both sides multiples of 14
};

/// The largest grid that is made of any image, in pixels.
inline constexpr std::int64_t max_grid_pixels = 16'000'000;

/// The grid of Depth Anything 3. An image so slim that a side would fall below 14 pixels, where the
/// reference fails, has that side stretched to 14. One of more than 4:1 has its longer side bound
/// to four times process_res where the method binds the shorter: no shape makes a grid of more
/// than four squares. Errors (stage preprocess): invalid_argument (an image size or a process_res
/// that is out of range), limit_exceeded (a grid above max_grid_pixels).
GridPlan plan_da3(int width, int height, int process_res, ResizeMethod method);

/// The grid of Depth Anything V2: the shorter side at least `size`; of an image of more than 4:1
/// the longer side is four times `size`. Errors as above.
GridPlan plan_da2(int width, int height, int size);

/// The crop around the centre that brings a plan to a smaller grid: images of one call to Depth
/// Anything 3 share the smallest width and the smallest height.
GridPlan cropped_to(const GridPlan& plan, const Grid& grid);

/// An image's intrinsics in pixels of the grid: each resize multiplies, the crop subtracts, without
/// a half-pixel shift.
Intrinsics map_intrinsics(const Intrinsics& of_image, const GridPlan& plan);

/// The network's input, bit for bit that of the reference: [3, H, W] planes of red, green and blue,
/// (v / 255 - mean) / deviation; `planes` holds grid.width * grid.height * 3. The image has the
/// plan's size and any format. Errors (stage preprocess): invalid_argument, out_of_memory.
/// Thread-safety: share freely.
void prepare_da3(const ImageView& image, const GridPlan& plan, std::span<float> planes);
void prepare_da2(const ImageView& image, const GridPlan& plan, std::span<float> planes);

/// A network's input that owns its planes.
struct PreparedImage {
  GridPlan plan{};
  Buffer<float> planes;  ///< [3, plan.grid.height, plan.grid.width]
};

PreparedImage prepare_da3(const ImageView& image, int process_res,
                          ResizeMethod method = ResizeMethod::upper_bound_resize);
PreparedImage prepare_da2(const ImageView& image, int size);

}  // namespace depthcloud
