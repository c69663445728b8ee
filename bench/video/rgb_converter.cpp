// SPDX-License-Identifier: Apache-2.0
// A decoded picture to RGB: the library's conversion, which is exact, against GStreamer's of 8
// bits, each as it is used.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <vector>

#include <depthcloud/image.hpp>

#include "video/gstreamer/gstreamer.hpp"
#include "video/gstreamer/rgb_converter.hpp"

namespace {

using depthcloud::GstMiniPtr;

constexpr guint width = 1920;
constexpr guint height = 1080;

struct Noise {
  GstVideoInfo info{};
  GstMiniPtr<GstBuffer> buffer;

  Noise() {
    depthcloud::start_gstreamer();
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, width, height);
    gst_video_colorimetry_from_string(&info.colorimetry, "bt709");
    std::mt19937 random(1);
    std::vector<std::uint8_t> bytes(GST_VIDEO_INFO_SIZE(&info));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    buffer.reset(gst_buffer_new_memdup(bytes.data(), bytes.size()));
  }
};

void ours(benchmark::State& state) {
  const Noise noise;
  depthcloud::RgbConverter converter(std::int64_t{width} * height);
  for (auto _ : state) {
    const depthcloud::Image image =
        converter.convert(noise.buffer.get(), noise.info, depthcloud::Orientation::top_left);
    benchmark::DoNotOptimize(image.data());
  }
}
BENCHMARK(ours)
    ->Name("video/rgb_1920x1080_i420/depthcloud")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void gstreamer(benchmark::State& state) {
  const Noise noise;
  GstVideoInfo info{};
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, width, height);
  GstVideoConverter* const converter = gst_video_converter_new(&noise.info, &info, nullptr);
  for (auto _ : state) {
    const GstMiniPtr<GstBuffer> made(
        gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr));
    GstVideoFrame from{};
    GstVideoFrame to{};
    gst_video_frame_map(&from, &noise.info, noise.buffer.get(), GST_MAP_READ);
    gst_video_frame_map(&to, &info, made.get(), GST_MAP_WRITE);
    gst_video_converter_frame(converter, &from, &to);
    benchmark::DoNotOptimize(to.data[0]);
    gst_video_frame_unmap(&to);
    gst_video_frame_unmap(&from);
  }
  gst_video_converter_free(converter);
}
BENCHMARK(gstreamer)
    ->Name("video/rgb_1920x1080_i420/gst_video_converter")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
