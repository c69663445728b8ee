// SPDX-License-Identifier: Apache-2.0
#include "cloud.hpp"

#include <cstring>

#include <hwy/highway.h>

#ifdef DEPTHCLOUD_BENCH_OPENCV_RGBD
#include <opencv2/rgbd/depth.hpp>
#endif

namespace {

using cloud_bench::measure;
using cloud_bench::Scene;
using cloud_bench::Workload;
using depthcloud::CloudBuilder;
using depthcloud::PointCloud;

void ours(benchmark::State& state, const Workload& work) {
  CloudBuilder builder(work.options());
  PointCloud cloud;
  measure(state, [&] { builder.build(work.scene->view(), work.scene->image(), cloud); });
  state.counters["points"] = static_cast<double>(cloud.size());
}

/// The kernel as a processor without AVX-512 runs it.
void ours_avx2(benchmark::State& state, const Workload& work) {
  const auto allow = [](std::int64_t targets) {
    hwy::SetSupportedTargetsForTest(targets);
    hwy::GetChosenTarget().DeInit();
  };
  if ((hwy::SupportedTargets() & HWY_AVX2) == 0) return state.SkipWithError("no AVX2 here");
  allow(HWY_AVX2);
  ours(state, work);
  allow(0);
}

/// The limit: the bytes of the cloud, copied.
void copy_output(benchmark::State& state, const Workload& work) {
  const PointCloud cloud =
      CloudBuilder(work.options()).build(work.scene->view(), work.scene->image());
  PointCloud copy = cloud;
  measure(state, [&] {
    std::memcpy(copy.positions.data(), cloud.positions.data(), cloud.positions.span().size_bytes());
    std::memcpy(copy.colors.data(), cloud.colors.data(), cloud.colors.size());
  });
}

#ifdef DEPTHCLOUD_BENCH_OPENCV_RGBD
/// Less than the workload: every pixel, no confidence, no colour, no compaction.
void opencv_depth_to_3d(benchmark::State& state, const Workload& work) {
  const Scene& scene = *work.scene;
  const auto k = scene.intrinsics();
  const cv::Matx33f matrix(static_cast<float>(k.fx), 0, static_cast<float>(k.cx), 0,
                           static_cast<float>(k.fy), static_cast<float>(k.cy), 0, 0, 1);
  cv::Mat depth(scene.height, scene.width, CV_32F, const_cast<float*>(scene.depth.data()));
  if (work.stride > 1) {
    cv::Mat sampled((scene.height - 1) / work.stride + 1, (scene.width - 1) / work.stride + 1,
                    CV_32F);
    for (int v = 0; v < sampled.rows; ++v) {
      for (int u = 0; u < sampled.cols; ++u) {
        sampled.at<float>(v, u) = depth.at<float>(v * work.stride, u * work.stride);
      }
    }
    depth = sampled;
  }
  cv::setNumThreads(1);
  cv::Mat points;
  measure(state, [&] { cv::rgbd::depthTo3d(depth, matrix, points); });
}

const bool with_opencv = cloud_bench::add("opencv_depthTo3d", opencv_depth_to_3d);
#endif

const bool added = cloud_bench::add("depthcloud", ours) &&
                   cloud_bench::add("depthcloud_avx2", ours_avx2) &&
                   cloud_bench::add("memcpy", copy_output);

}  // namespace
