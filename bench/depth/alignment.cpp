// SPDX-License-Identifier: Apache-2.0
// Depth of a sensor onto the pixels of a colour camera beside it, on one thread, against OpenCV and
// the loop that everyone writes first.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include <depthcloud/depth_alignment.hpp>

#ifdef DEPTHCLOUD_BENCH_OPENCV_RGBD
#include <opencv2/rgbd/depth.hpp>
#endif

namespace {

using depthcloud::AlignmentTarget;
using depthcloud::DepthView;
using depthcloud::Intrinsics;

struct Pair {
  int width = 640;
  int height = 480;
  Intrinsics intrinsics{580, 580, 319.5, 239.5};
  std::vector<float> depth;
  AlignmentTarget target;

  Pair(int target_width, int target_height) {
    for (int v = 0; v < height; ++v) {
      for (int u = 0; u < width; ++u) {
        const bool object = std::hypot(u % 160 - 80, v % 160 - 80) < 50;
        depth.push_back(object ? 1.2f : 2.0f + 0.001f * static_cast<float>(u + v));
      }
    }
    const double scale = static_cast<double>(target_width) / width;
    target = {.width = target_width,
              .height = target_height,
              .intrinsics = {525 * scale, 525 * scale, target_width / 2.0, target_height / 2.0},
              .extrinsics = {1, 0, 0, 0.025, 0, 1, 0, 0.001, 0, 0, 1, -0.002}};
  }
  DepthView view() const { return {width, height, depth.data(), nullptr, intrinsics}; }
};

void ours(benchmark::State& state, const Pair& pair, bool splat) {
  AlignmentTarget target = pair.target;
  target.splat = splat;
  for (auto _ : state) {
    benchmark::DoNotOptimize(depthcloud::align_depth(pair.view(), target).depth().data());
  }
}

/// One pixel for one, in double, with the matrix product written out.
void naive(benchmark::State& state, const Pair& pair) {
  const Intrinsics &a = pair.intrinsics, &b = pair.target.intrinsics;
  const depthcloud::Extrinsics& e = pair.target.extrinsics;
  for (auto _ : state) {
    std::vector<float> aligned(static_cast<std::size_t>(pair.target.width * pair.target.height));
    for (int v = 0; v < pair.height; ++v) {
      for (int u = 0; u < pair.width; ++u) {
        const double d = pair.depth[static_cast<std::size_t>(v * pair.width + u)];
        if (!(d > 0)) continue;
        const double x = (u - a.cx) / a.fx * d, y = (v - a.cy) / a.fy * d;
        const double z = e[8] * x + e[9] * y + e[10] * d + e[11];
        if (z <= 0) continue;
        const double tx = e[0] * x + e[1] * y + e[2] * d + e[3];
        const double ty = e[4] * x + e[5] * y + e[6] * d + e[7];
        const long column = std::lround(b.fx * tx / z + b.cx);
        const long row = std::lround(b.fy * ty / z + b.cy);
        if (column < 0 || row < 0 || column >= pair.target.width || row >= pair.target.height) {
          continue;
        }
        float& nearest = aligned[static_cast<std::size_t>(row * pair.target.width + column)];
        if (nearest == 0 || z < nearest) nearest = static_cast<float>(z);
      }
    }
    benchmark::DoNotOptimize(aligned.data());
  }
}

#ifdef DEPTHCLOUD_BENCH_OPENCV_RGBD
void opencv(benchmark::State& state, const Pair& pair) {
  const auto matrix = [](const Intrinsics& k) {
    return cv::Matx33d(k.fx, 0, k.cx, 0, k.fy, k.cy, 0, 0, 1);
  };
  cv::Matx44d pose = cv::Matx44d::eye();
  for (int i = 0; i < 12; ++i) {
    pose.val[i] = pair.target.extrinsics[static_cast<std::size_t>(i)];
  }
  const cv::Mat depth(pair.height, pair.width, CV_32F, const_cast<float*>(pair.depth.data()));
  cv::setNumThreads(1);
  cv::Mat aligned;
  for (auto _ : state) {
    cv::rgbd::registerDepth(matrix(pair.intrinsics), matrix(pair.target.intrinsics), cv::noArray(),
                            pose, depth, cv::Size(pair.target.width, pair.target.height), aligned,
                            false);
    benchmark::DoNotOptimize(aligned.data);
  }
}
#endif

const bool registered = [] {
  for (const auto& [width, height] : {std::pair(640, 480), std::pair(1920, 1080)}) {
    const auto pair = std::make_shared<const Pair>(width, height);
    const auto add = [&, width = width, height = height](const char* contender, auto run) {
      benchmark::RegisterBenchmark(
          fmt::format("depth/align_640x480_to_{}x{}{}", width, height, contender).c_str(),
          [pair, run](benchmark::State& state) { run(state, *pair); })
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    };
    add("_splat/depthcloud", [](auto& state, const Pair& of) { ours(state, of, true); });
    add("/depthcloud", [](auto& state, const Pair& of) { ours(state, of, false); });
    add("/naive", naive);
#ifdef DEPTHCLOUD_BENCH_OPENCV_RGBD
    add("/opencv_registerDepth", opencv);
#endif
  }
  return true;
}();

}  // namespace
