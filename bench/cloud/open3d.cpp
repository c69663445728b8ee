// SPDX-License-Identifier: Apache-2.0
#include <open3d/Open3D.h>

#include "cloud.hpp"

namespace {

using cloud_bench::measure;
using cloud_bench::min_confidence;
using cloud_bench::Scene;
using cloud_bench::Workload;

/// Confidence has no place in Open3D: pixels below the limit lose their depth before the clock
/// starts. Only stride 1, the legacy call has no other.
void open3d_legacy(benchmark::State& state, const Workload& work) {
  if (work.stride != 1) return state.SkipWithError("has no stride");
  const Scene& scene = *work.scene;
  open3d::geometry::RGBDImage rgbd;
  rgbd.depth_.Prepare(scene.width, scene.height, 1, 4);
  auto* const depth = reinterpret_cast<float*>(rgbd.depth_.data_.data());
  for (std::size_t i = 0; i < scene.depth.size(); ++i) {
    depth[i] = scene.confidence[i] >= min_confidence ? scene.depth[i] : 0.0f;
  }
  rgbd.color_.Prepare(scene.width, scene.height, 3, 1);
  std::copy(scene.rgb.begin(), scene.rgb.end(), rgbd.color_.data_.begin());
  const auto k = scene.intrinsics();
  const open3d::camera::PinholeCameraIntrinsic camera(scene.width, scene.height, k.fx, k.fy, k.cx,
                                                      k.cy);
  measure(state, [&] {
    benchmark::DoNotOptimize(open3d::geometry::PointCloud::CreateFromRGBDImage(rgbd, camera));
  });
}

void open3d_tensor(benchmark::State& state, const Workload& work) {
  namespace core = open3d::core;
  const Scene& scene = *work.scene;
  std::vector<float> kept = scene.depth;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!(scene.confidence[i] >= min_confidence)) kept[i] = 0;
  }
  const core::Tensor depth(kept, {scene.height, scene.width, 1}, core::Float32);
  const core::Tensor color(scene.rgb, {scene.height, scene.width, 3}, core::UInt8);
  const auto k = scene.intrinsics();
  const core::Tensor matrix =
      core::Tensor::Init<double>({{k.fx, 0, k.cx}, {0, k.fy, k.cy}, {0, 0, 1}});
  const open3d::t::geometry::RGBDImage rgbd{open3d::t::geometry::Image(color),
                                            open3d::t::geometry::Image(depth)};
  const core::Tensor pose = core::Tensor::Eye(4, core::Float32, core::Device("CPU:0"));
  measure(state, [&] {
    benchmark::DoNotOptimize(open3d::t::geometry::PointCloud::CreateFromRGBDImage(
        rgbd, matrix, pose, 1.0f, 1e6f, work.stride));
  });
}

const bool added = cloud_bench::add("open3d_legacy", open3d_legacy) &&
                   cloud_bench::add("open3d_tensor", open3d_tensor);

}  // namespace
