// SPDX-License-Identifier: Apache-2.0
// An image to the network's input, on one thread, against OpenCV; and the network itself.
#include <algorithm>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include <depthcloud/estimator.hpp>

#include "depth/backend/preprocess.hpp"

#ifdef DEPTHCLOUD_BENCH_OPENCV
#include <opencv2/imgproc.hpp>
#endif

namespace {

using depthcloud::Grid;
using depthcloud::Image;

/// Depth does not depend on what is seen, but pixels that differ keep everyone honest.
Image noise(int width, int height) {
  Image image(width, height);
  std::uint32_t state = 1;
  std::generate_n(image.data(), image.stride() * height, [&] {
    state = state * 1664525u + 1013904223u;  // Numerical Recipes' generator
    return static_cast<std::uint8_t>(state >> 24);
  });
  return image;
}

/// Reduction by area, then float from 0 to 1, channels interleaved.
void preprocess(benchmark::State& state, int width, int height, const Grid& grid) {
  const Image image = noise(width, height);
  const c10::InferenceMode inference;
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  for (auto _ : state) {
    const at::Tensor input = depthcloud::reduced_rgb(image.view(), grid);
    benchmark::DoNotOptimize(depthcloud::to_unit_range(input.unsqueeze(0)).data_ptr());
  }
  at::set_num_threads(threads);
}

#ifdef DEPTHCLOUD_BENCH_OPENCV
void preprocess_opencv(benchmark::State& state, int width, int height, const Grid& grid) {
  Image image = noise(width, height);
  const cv::Mat photo(height, width, CV_8UC3, image.data());
  cv::setNumThreads(1);
  for (auto _ : state) {
    cv::Mat reduced;
    cv::Mat input;
    cv::resize(photo, reduced, {grid.width, grid.height}, 0, 0, cv::INTER_AREA);
    reduced.convertTo(input, CV_32F, 1.0 / 255);
    benchmark::DoNotOptimize(input.data);
  }
}
#endif

void infer(benchmark::State& state, int width, int height) {
  depthcloud::EstimatorOptions options;
  options.device = "cpu";
  options.threads = 2;
  options.process_res = width;  // the longer side
  auto estimator = depthcloud::DepthEstimator::load("builtin", options);
  const Image image = noise(width, height);
  estimator.warm_up(width, height);
  for (auto _ : state) benchmark::DoNotOptimize(estimator.estimate(image.view()).depth().data());
}

template <typename... Arguments>
void add(const char* name, Arguments... arguments) {
  benchmark::RegisterBenchmark(name, arguments...)->Unit(benchmark::kMillisecond)->UseRealTime();
}

const bool registered = [] {
  add("depth/preprocess_640x480_to_504x378/depthcloud", preprocess, 640, 480, Grid{504, 378});
  add("depth/preprocess_1920x1080_to_504x284/depthcloud", preprocess, 1920, 1080, Grid{504, 284});
#ifdef DEPTHCLOUD_BENCH_OPENCV
  add("depth/preprocess_640x480_to_504x378/opencv", preprocess_opencv, 640, 480, Grid{504, 378});
  add("depth/preprocess_1920x1080_to_504x284/opencv", preprocess_opencv, 1920, 1080,
      Grid{504, 284});
#endif
  add("depth/builtin_384x288/depthcloud", infer, 384, 288);
  return true;
}();

}  // namespace
