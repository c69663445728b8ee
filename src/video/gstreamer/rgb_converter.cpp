// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/rgb_converter.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

/// A picture in memory, as GStreamer reads it.
class MappedPicture {
 public:
  MappedPicture(GstBuffer* buffer, const GstVideoInfo& info) {
    if (gst_video_frame_map(&frame_, &info, buffer, GST_MAP_READ) == FALSE) {
      throw Error(ErrorCode::corrupt_data, Stage::decode,
                  "a picture of the video is shorter than its size says");
    }
  }
  ~MappedPicture() { gst_video_frame_unmap(&frame_); }
  MappedPicture(const MappedPicture&) = delete;
  MappedPicture& operator=(const MappedPicture&) = delete;
  const GstVideoFrame* get() const { return &frame_; }

 private:
  GstVideoFrame frame_{};
};

Image upright(const Image& stored, Orientation orientation) {
  Image result = swaps_axes(orientation) ? Image(stored.height(), stored.width())
                                         : Image(stored.width(), stored.height());
  put_upright({stored.data(), stored.stride(), stored.width(), 0, stored.height()}, orientation,
              result);
  return result;
}

}  // namespace

void check_pixels(double width, double height, std::int64_t max_pixels) {
  if (width * height > static_cast<double>(max_pixels)) {
    throw Error(ErrorCode::limit_exceeded, Stage::decode,
                fmt::format("a picture of the video has {:.0f} x {:.0f} pixels, more than {}",
                            width, height, max_pixels));
  }
}

void check_coded_size(const GstCaps* caps, std::int64_t max_pixels) {
  const GstStructure* const media = gst_caps_get_structure(caps, 0);
  int width = 0;
  int height = 0;
  gst_structure_get_int(media, "width", &width);
  gst_structure_get_int(media, "height", &height);
  check_pixels(width, height, max_pixels);
}

PictureSize square_size(const GstVideoInfo& info, std::int64_t max_pixels) {
  double width = GST_VIDEO_INFO_WIDTH(&info);
  double height = GST_VIDEO_INFO_HEIGHT(&info);
  check_pixels(width, height, max_pixels);
  const double aspect = static_cast<double>(std::max(GST_VIDEO_INFO_PAR_N(&info), 1)) /
                        std::max(GST_VIDEO_INFO_PAR_D(&info), 1);
  // No pixel is given up: the shorter side of a pixel grows.
  if (aspect > 1) {
    width = std::round(width * aspect);
  } else {
    height = std::round(height / aspect);
  }
  check_pixels(width, height, max_pixels);
  return {static_cast<int>(width), static_cast<int>(height)};
}

void RgbConverter::prepare(const GstVideoInfo& info) {
  const PictureSize size = square_size(info, max_pixels_);
  GstVideoInfo out{};
  gst_video_info_init(&out);
  gst_video_info_set_format(&out, GST_VIDEO_FORMAT_RGB, static_cast<guint>(size.width),
                            static_cast<guint>(size.height));
  // Rows without a gap, as an Image has them.
  GST_VIDEO_INFO_PLANE_STRIDE(&out, 0) = size.width * channels(PixelFormat::rgb);
  out.size =
      static_cast<gsize>(GST_VIDEO_INFO_PLANE_STRIDE(&out, 0)) * static_cast<gsize>(size.height);
  GST_VIDEO_INFO_FPS_N(&out) = GST_VIDEO_INFO_FPS_N(&info);
  GST_VIDEO_INFO_FPS_D(&out) = GST_VIDEO_INFO_FPS_D(&info);
  GST_VIDEO_INFO_INTERLACE_MODE(&out) = GST_VIDEO_INFO_INTERLACE_MODE(&info);
  constexpr unsigned most_threads = 4;
  const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, most_threads);
  GstStructure* const options = gst_structure_new(
      "options", GST_VIDEO_CONVERTER_OPT_THREADS, G_TYPE_UINT, threads,
      GST_VIDEO_CONVERTER_OPT_DITHER_METHOD, GST_TYPE_VIDEO_DITHER_METHOD, GST_VIDEO_DITHER_NONE,
      GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD, GST_TYPE_VIDEO_RESAMPLER_METHOD,
      GST_VIDEO_RESAMPLER_METHOD_LINEAR, nullptr);
  converter_.reset(gst_video_converter_new(&info, &out, options));
  if (converter_ == nullptr) {
    throw Error(ErrorCode::unsupported, Stage::decode,
                fmt::format("pictures of the format {} cannot be made RGB",
                            gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info))));
  }
  in_ = info;
  out_ = out;
}

Image RgbConverter::convert(GstBuffer* buffer, const GstVideoInfo& info, Orientation orientation) {
  if (converter_ == nullptr || gst_video_info_is_equal(&info, &in_) == FALSE) prepare(info);
  const MappedPicture picture(buffer, info);
  Image image(GST_VIDEO_INFO_WIDTH(&out_), GST_VIDEO_INFO_HEIGHT(&out_));
  GstVideoFrame frame{};
  frame.info = out_;
  frame.data[0] = image.data();
  gst_video_converter_frame(converter_.get(), picture.get(), &frame);
  return orientation == Orientation::top_left ? std::move(image) : upright(image, orientation);
}

}  // namespace depthcloud
