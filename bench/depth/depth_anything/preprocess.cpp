// SPDX-License-Identifier: Apache-2.0
// From decoded pixels to the normalised planes that Depth Anything reads, on one thread, against
// the same steps in OpenCV, whose pixels ours are bit for bit.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "depth/depth_anything/preprocess.hpp"

#ifdef DEPTHCLOUD_BENCH_OPENCV
#include <opencv2/imgproc.hpp>
#endif

namespace {

using namespace depthcloud;

Image noise(const Grid& size) {
  Image image(size.width, size.height);
  std::uint32_t state = 1;
  for (std::uint8_t* p = image.data(); p != image.data() + image.stride() * size.height; ++p) {
    state = state * 1664525u + 1013904223u;
    *p = static_cast<std::uint8_t>(state >> 24);
  }
  return image;
}

using Prepare = void (*)(const ImageView&, const GridPlan&, std::span<float>);

#ifdef DEPTHCLOUD_BENCH_OPENCV
const cv::Scalar mean(0.485, 0.456, 0.406);
const cv::Scalar deviation(0.229, 0.224, 0.225);

cv::Mat borrowed(const ImageView& image) {
  return {image.height, image.width, CV_8UC3, const_cast<std::uint8_t*>(image.data),
          static_cast<std::size_t>(image.stride)};
}

cv::Mat resized(const cv::Mat& image, const Grid& size) {
  if (image.cols == size.width && image.rows == size.height) return image;
  const bool grows = size.width > image.cols || size.height > image.rows;
  cv::Mat result;
  cv::resize(image, result, {size.width, size.height}, 0, 0,
             grows ? cv::INTER_CUBIC : cv::INTER_AREA);
  return result;
}

void split(const cv::Mat& rgb, std::span<float> planes) {
  std::vector<cv::Mat> targets;
  for (std::size_t c = 0; c < 3; ++c) {
    targets.emplace_back(rgb.rows, rgb.cols, CV_32F, planes.data() + c * rgb.total());
  }
  cv::split(rgb, targets);
}

void opencv_da3(const ImageView& image, const GridPlan& plan, std::span<float> planes) {
  cv::Mat values;
  resized(resized(borrowed(image), plan.bounded), plan.resized)
      .convertTo(values, CV_32F, 1 / 255.0);
  cv::subtract(values, mean, values);
  cv::divide(values, deviation, values);
  split(values, planes);
}

void opencv_da2(const ImageView& image, const GridPlan& plan, std::span<float> planes) {
  cv::Mat values;
  borrowed(image).convertTo(values, CV_64F, 1 / 255.0);
  cv::resize(values, values, {plan.grid.width, plan.grid.height}, 0, 0, cv::INTER_CUBIC);
  cv::subtract(values, mean, values);
  cv::divide(values, deviation, values);
  cv::Mat narrow;
  values.convertTo(narrow, CV_32F);
  split(narrow, planes);
}
#endif

void add(const std::string& family, const GridPlan& plan, const char* who, Prepare prepare) {
  const auto work = [plan, prepare](benchmark::State& state) {
    const Image image = noise(plan.image);
    Buffer<float> planes(3 * static_cast<std::size_t>(plan.grid.width) *
                         static_cast<std::size_t>(plan.grid.height));
    for ([[maybe_unused]] auto iteration : state) {
      prepare(image.view(), plan, planes.span());
      benchmark::ClobberMemory();
    }
  };
  const std::string name = fmt::format("preprocess/{}_{}x{}_to_{}x{}/{}", family, plan.image.width,
                                       plan.image.height, plan.grid.width, plan.grid.height, who);
  benchmark::RegisterBenchmark(name.c_str(), work)->Unit(benchmark::kMillisecond)->UseRealTime();
}

const bool registered = [] {
#ifdef DEPTHCLOUD_BENCH_OPENCV
  cv::setNumThreads(1);
#endif
  for (const Grid& size : {Grid{1920, 1080}, Grid{640, 480}}) {
    const GridPlan da3 = plan_da3(size.width, size.height, 504, ResizeMethod::upper_bound_resize);
    const GridPlan da2 = plan_da2(size.width, size.height, 518);
    add("da3", da3, "depthcloud", prepare_da3);
    add("da2", da2, "depthcloud", prepare_da2);
#ifdef DEPTHCLOUD_BENCH_OPENCV
    add("da3", da3, "opencv_resize_area_then_normalise", opencv_da3);
    add("da2", da2, "opencv_resize_cubic_then_normalise", opencv_da2);
#endif
  }
  return true;
}();

}  // namespace
