// SPDX-License-Identifier: Apache-2.0
#include "video/gstreamer/rgb_converter.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "image/yuv_rows.hpp"

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

/// What the library itself makes RGB of: the formats of nearly all decoders and webcams.
std::optional<YuvCoefficients> coefficients_of(const GstVideoInfo& info) {
  const GstVideoFormat format = GST_VIDEO_INFO_FORMAT(&info);
  if (format != GST_VIDEO_FORMAT_I420 && format != GST_VIDEO_FORMAT_NV12 &&
      format != GST_VIDEO_FORMAT_YUY2) {
    return std::nullopt;
  }
  const GstVideoColorimetry& colors = info.colorimetry;
  if (colors.matrix != GST_VIDEO_COLOR_MATRIX_BT601 &&
      colors.matrix != GST_VIDEO_COLOR_MATRIX_BT709) {
    return std::nullopt;
  }
  return yuv_coefficients(
      colors.matrix == GST_VIDEO_COLOR_MATRIX_BT601 ? YuvMatrix::bt601 : YuvMatrix::bt709,
      colors.range == GST_VIDEO_COLOR_RANGE_0_255 ? YuvRange::full : YuvRange::limited);
}

const std::uint8_t* row_of(const GstVideoFrame& picture, guint plane, int v) {
  return static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&picture, plane)) +
         std::ptrdiff_t{v} * GST_VIDEO_FRAME_PLANE_STRIDE(&picture, plane);
}

Image rgb_of_yuv(const GstVideoFrame& picture, const YuvCoefficients& coefficients) {
  Image image(GST_VIDEO_FRAME_WIDTH(&picture), GST_VIDEO_FRAME_HEIGHT(&picture));
  const auto width = static_cast<std::size_t>(image.width());
  for (int v = 0; v < image.height(); ++v) {
    const std::uint8_t* const row = row_of(picture, 0, v);
    switch (GST_VIDEO_FRAME_FORMAT(&picture)) {
      case GST_VIDEO_FORMAT_I420:
        i420_row(row, row_of(picture, 1, v / 2), row_of(picture, 2, v / 2), width, coefficients,
                 image.row(v));
        break;
      case GST_VIDEO_FORMAT_NV12:
        nv12_row(row, row_of(picture, 1, v / 2), width, coefficients, image.row(v));
        break;
      default:
        yuyv_row(row, width, coefficients, image.row(v));
        break;
    }
  }
  return image;
}

/// The 8-bit level that is nearest to one of 16 bits.
std::uint8_t narrowed(std::uint16_t level) {
  return static_cast<std::uint8_t>((level * 255U + 32767U) / 65535U);
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

void RgbConverter::Step::run(const GstVideoFrame& picture, GstVideoFormat format, PictureSize size,
                             std::uint8_t* out, int stride) {
  GstVideoInfo info = picture.info;
  // The strides are those of a buffer and are read from it.
  const bool is_prepared = converter_ != nullptr && gst_video_info_is_equal(&info, &in_) != FALSE &&
                           GST_VIDEO_INFO_WIDTH(&out_) == size.width &&
                           GST_VIDEO_INFO_HEIGHT(&out_) == size.height;
  if (!is_prepared) {
    gst_video_info_init(&out_);
    gst_video_info_set_interlaced_format(&out_, format, GST_VIDEO_INFO_INTERLACE_MODE(&info),
                                         static_cast<guint>(size.width),
                                         static_cast<guint>(size.height));
    GST_VIDEO_INFO_FPS_N(&out_) = GST_VIDEO_INFO_FPS_N(&info);
    GST_VIDEO_INFO_FPS_D(&out_) = GST_VIDEO_INFO_FPS_D(&info);
    GST_VIDEO_INFO_PLANE_STRIDE(&out_, 0) = stride;
    constexpr unsigned most_threads = 4;
    const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, most_threads);
    GstStructure* const options = gst_structure_new(
        "options", GST_VIDEO_CONVERTER_OPT_THREADS, G_TYPE_UINT, threads,
        GST_VIDEO_CONVERTER_OPT_DITHER_METHOD, GST_TYPE_VIDEO_DITHER_METHOD, GST_VIDEO_DITHER_NONE,
        GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD, GST_TYPE_VIDEO_RESAMPLER_METHOD,
        GST_VIDEO_RESAMPLER_METHOD_LINEAR, nullptr);
    in_ = info;
    converter_.reset(gst_video_converter_new(&info, &out_, options));
  }
  if (converter_ == nullptr) {
    throw Error(ErrorCode::unsupported, Stage::decode,
                fmt::format("pictures of the format {} cannot be made RGB",
                            gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info))));
  }
  GstVideoFrame frame{};
  frame.info = out_;
  frame.data[0] = out;
  gst_video_converter_frame(converter_.get(), &picture, &frame);
}

Image RgbConverter::of_coded_size(const GstVideoFrame& picture) {
  if (const auto coefficients = coefficients_of(picture.info)) {
    return rgb_of_yuv(picture, *coefficients);
  }
  Image image(GST_VIDEO_FRAME_WIDTH(&picture), GST_VIDEO_FRAME_HEIGHT(&picture));
  const PictureSize size{image.width(), image.height()};
  if (GST_VIDEO_INFO_IS_RGB(&picture.info)) {
    to_rgb_.run(picture, GST_VIDEO_FORMAT_RGB, size, image.data(),
                static_cast<int>(image.stride()));
    return image;
  }
  // GStreamer is exact with 16 bits a sample only.
  constexpr std::size_t samples = 4;
  const std::size_t pixels =
      static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
  deep_.resize(pixels * samples);
  to_rgb_.run(picture, GST_VIDEO_FORMAT_ARGB64, size, reinterpret_cast<std::uint8_t*>(deep_.data()),
              size.width * static_cast<int>(samples * sizeof(std::uint16_t)));
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t k = 0; k < 3; ++k) {
      image.data()[3 * i + k] = narrowed(deep_[samples * i + 1 + k]);
    }
  }
  return image;
}

Image RgbConverter::scaled(const Image& image, PictureSize size) {
  GstVideoFrame frame{};
  gst_video_info_set_format(&frame.info, GST_VIDEO_FORMAT_RGB, static_cast<guint>(image.width()),
                            static_cast<guint>(image.height()));
  GST_VIDEO_INFO_PLANE_STRIDE(&frame.info, 0) = static_cast<int>(image.stride());
  frame.data[0] = const_cast<std::uint8_t*>(image.data());  // which is only read
  Image result(size.width, size.height);
  to_size_.run(frame, GST_VIDEO_FORMAT_RGB, size, result.data(), static_cast<int>(result.stride()));
  return result;
}

Image RgbConverter::convert(GstBuffer* buffer, const GstVideoInfo& info, Orientation orientation) {
  const PictureSize size = square_size(info, max_pixels_);
  Image image = of_coded_size(*MappedPicture(buffer, info).get());
  if (image.width() != size.width || image.height() != size.height) image = scaled(image, size);
  return orientation == Orientation::top_left ? std::move(image) : upright(image, orientation);
}

}  // namespace depthcloud
