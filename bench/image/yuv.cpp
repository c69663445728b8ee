// SPDX-License-Identifier: Apache-2.0
// Raw frames of a camera to RGB, on one thread, against OpenCV.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <vector>

#include <depthcloud/yuv_image.hpp>

#ifdef DEPTHCLOUD_BENCH_OPENCV
#include <opencv2/imgproc.hpp>
#endif

namespace {

using depthcloud::YuvFormat;

constexpr int width = 1920;
constexpr int height = 1080;

/// Of both formats: yuyv has the more bytes.
std::vector<std::uint8_t> noise() {
  std::mt19937 random(1);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(2 * width * height));
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

void ours(benchmark::State& state, YuvFormat format) {
  const std::vector<std::uint8_t> bytes = noise();
  const int stride = format == YuvFormat::yuyv ? 2 * width : width;
  const depthcloud::YuvView view{.format = format,
                                 .width = width,
                                 .height = height,
                                 .planes = {bytes.data(), bytes.data() + width * height},
                                 .strides = {stride, width}};
  depthcloud::Image rgb;
  for (auto _ : state) {
    to_rgb(view, rgb);
    benchmark::DoNotOptimize(rgb.data());
  }
}
BENCHMARK_CAPTURE(ours, , YuvFormat::yuyv)
    ->Name("image/yuv_1920x1080_yuyv/depthcloud")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(ours, , YuvFormat::nv12)
    ->Name("image/yuv_1920x1080_nv12/depthcloud")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

#ifdef DEPTHCLOUD_BENCH_OPENCV
void opencv(benchmark::State& state, YuvFormat format) {
  std::vector<std::uint8_t> bytes = noise();
  const bool yuyv = format == YuvFormat::yuyv;
  const cv::Mat frame(yuyv ? height : height * 3 / 2, width, yuyv ? CV_8UC2 : CV_8UC1,
                      bytes.data());
  cv::setNumThreads(1);
  cv::Mat rgb;
  for (auto _ : state) {
    cv::cvtColor(frame, rgb, yuyv ? cv::COLOR_YUV2RGB_YUY2 : cv::COLOR_YUV2RGB_NV12);
    benchmark::DoNotOptimize(rgb.data);
  }
}
BENCHMARK_CAPTURE(opencv, , YuvFormat::yuyv)
    ->Name("image/yuv_1920x1080_yuyv/opencv_cvtColor")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(opencv, , YuvFormat::nv12)
    ->Name("image/yuv_1920x1080_nv12/opencv_cvtColor")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
#endif

}  // namespace
