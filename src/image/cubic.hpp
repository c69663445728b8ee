// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>

#include <depthcloud/image.hpp>

namespace depthcloud {

/// Scales to RGB by cubic convolution (a = -0.75, no anti-aliasing, edges repeated) bit for bit as
/// `cv::resize(..., INTER_CUBIC)` of OpenCV 4.6 does with 8-bit RGB on x86-64. `out` is not what
/// `image` views.
void resize_cubic(const ImageView& image, int width, int height, Image& out);

/// Receives row `v`, interleaved RGB, valid until it returns.
using CubicRowSink = std::function<void(int v, std::span<const double> rgb)>;

/// The same of the image divided by 255, in double and not clamped, as cv::resize does with a
/// floating-point image; rows from the top down.
void resize_cubic_unit(const ImageView& image, int width, int height, const CubicRowSink& sink);

}  // namespace depthcloud
