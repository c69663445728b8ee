// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include <gst/video/video.h>

#include <depthcloud/buffer.hpp>
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

/// Makes RGB images of decoded pictures, upright and with square pixels, by the matrix and range
/// that their caps tell: exactly, with one colour for the pixels that share a sample of chroma.
/// Thread-safety: one thread at a time.
class RgbConverter {
 public:
  explicit RgbConverter(std::int64_t max_pixels) : max_pixels_(max_pixels) {}

  /// Throws Error{limit_exceeded}, Error{unsupported} for a format of pixels that GStreamer cannot
  /// convert, Error{corrupt_data} for a buffer that does not hold the picture.
  Image convert(GstBuffer* buffer, const GstVideoInfo& info, Orientation orientation);

 private:
  /// A conversion of GStreamer's, kept as long as pictures are alike.
  class Step {
   public:
    /// Writes to memory whose rows have this stride.
    void run(const GstVideoFrame& picture, GstVideoFormat format, PictureSize size,
             std::uint8_t* out, int stride);

   private:
    struct Free {
      void operator()(GstVideoConverter* converter) const { gst_video_converter_free(converter); }
    };
    GstVideoInfo in_{};
    GstVideoInfo out_{};
    std::unique_ptr<GstVideoConverter, Free> converter_;
  };

  Image of_coded_size(const GstVideoFrame& picture);
  Image scaled(const Image& image, PictureSize size);

  std::int64_t max_pixels_;
  Step to_rgb_;
  Step to_size_;
  Buffer<std::uint16_t> deep_;  // pixels of 16-bit samples
};

}  // namespace depthcloud
