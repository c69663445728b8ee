// SPDX-License-Identifier: Apache-2.0
// The chain by hand, each stage replaceable: stage_by_stage PHOTO.jpg OUT.msgpack
#include <cstdio>

#include <depthcloud/depthcloud.hpp>

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  auto estimator = depthcloud::DepthEstimator::load("builtin", {.fov_degrees = 65});
  depthcloud::CloudBuilder builder({.stride = 2, .edge_threshold = 0.03f});

  const depthcloud::Image image = depthcloud::decode_image(depthcloud::read_file(argv[1]));
  const depthcloud::DepthMap depth = estimator.estimate(image.view());
  const depthcloud::PointCloud cloud = builder.build(depth, image.view());
  depthcloud::write_file(argv[2], depthcloud::pack(cloud.view()));
  std::printf("%d x %d depth, %zu points\n", depth.width(), depth.height(), cloud.size());
} catch (const depthcloud::Error& error) {
  std::fprintf(stderr, "%s: %s\n", to_string(error.stage()), error.what());
  return 1;
}
