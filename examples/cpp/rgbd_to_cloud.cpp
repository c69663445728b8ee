// SPDX-License-Identifier: Apache-2.0
// Depth from a camera of your own, without a network or LibTorch: rgbd_to_cloud OUT.ply
#include <cstdio>
#include <vector>

#include <depthcloud/cloud_builder.hpp>
#include <depthcloud/cloud_file.hpp>
#include <depthcloud/error.hpp>

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  constexpr int width = 640, height = 480;
  const std::vector<float> depth(width * height, 1.5f);  // metres, from your driver
  const std::vector<std::uint8_t> bgr(width * height * 3, 128);

  const depthcloud::DepthView depth_view{
      .width = width,
      .height = height,
      .depth = depth.data(),
      .intrinsics = {.fx = 525, .fy = 525, .cx = 319.5, .cy = 239.5}};
  const depthcloud::ImageView color_view{.data = bgr.data(),
                                         .width = width,
                                         .height = height,
                                         .stride = width * 3,
                                         .format = depthcloud::PixelFormat::bgr};

  depthcloud::CloudBuilder builder({.max_depth = 4.0f});
  depthcloud::PointCloud cloud;  // reused from frame to frame: nothing is allocated after the first
  builder.build(depth_view, color_view, cloud);
  depthcloud::write_ply(argv[1], cloud.view());
  std::printf("%zu points\n", cloud.size());
} catch (const depthcloud::Error& error) {
  std::fprintf(stderr, "%s: %s\n", to_string(error.stage()), error.what());
  return 1;
}
