// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <depthcloud/torch.hpp>

#include "cloud.hpp"

namespace {

using cloud_bench::measure;
using cloud_bench::Scene;
using cloud_bench::Workload;

void torch_gather(benchmark::State& state, const Workload& work) {
  const Scene& scene = *work.scene;
  const auto plane = [&](const std::vector<float>& values) {
    return at::from_blob(const_cast<float*>(values.data()), {scene.height, scene.width},
                         at::kFloat);
  };
  const at::Tensor rgb = at::from_blob(const_cast<std::uint8_t*>(scene.rgb.data()),
                                       {scene.height, scene.width, 3}, at::kByte);
  const auto map = depthcloud::to_depth_map({plane(scene.depth), plane(scene.confidence), {}},
                                            {.intrinsics = scene.intrinsics()});
  depthcloud::TensorCloudBuilder builder(work.options());
  at::set_num_threads(1);
  measure(state, [&] { benchmark::DoNotOptimize(builder.build(map, rgb)); });
}

const bool added = cloud_bench::add("torch_gather", torch_gather);

}  // namespace
