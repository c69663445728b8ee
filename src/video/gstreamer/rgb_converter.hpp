// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include <gst/video/video.h>

#include <depthcloud/image.hpp>

#include "image/orientation.hpp"

namespace depthcloud {

/// Width and height in pixels.
struct PictureSize {
  int width = 0;
  int height = 0;
};

/// Throws Error{limit_exceeded} if these are more pixels than max_pixels.
void check_pixels(double width, double height, std::int64_t max_pixels);

/// The same of the caps of coded pictures, if they tell their size.
void check_coded_size(const GstCaps* caps, std::int64_t max_pixels);

/// The size of a picture whose pixels are made square by widening or heightening it. Throws
/// Error{limit_exceeded} if the picture has more pixels than max_pixels, before or after.
PictureSize square_size(const GstVideoInfo& info, std::int64_t max_pixels);

/// Makes RGB images of decoded pictures, upright and with square pixels, by the matrix, range and
/// chroma siting that their caps tell. Thread-safety: one thread at a time.
class RgbConverter {
 public:
  explicit RgbConverter(std::int64_t max_pixels) : max_pixels_(max_pixels) {}

  /// Throws Error{limit_exceeded}, Error{unsupported} for a format of pixels that GStreamer cannot
  /// convert, Error{corrupt_data} for a buffer that does not hold the picture.
  Image convert(GstBuffer* buffer, const GstVideoInfo& info, Orientation orientation);

 private:
  struct Free {
    void operator()(GstVideoConverter* converter) const { gst_video_converter_free(converter); }
  };
  void prepare(const GstVideoInfo& info);

  std::int64_t max_pixels_;
  GstVideoInfo in_{};
  GstVideoInfo out_{};
  std::unique_ptr<GstVideoConverter, Free> converter_;
};

}  // namespace depthcloud
