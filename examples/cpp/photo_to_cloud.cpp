// SPDX-License-Identifier: Apache-2.0
// A photo becomes a coloured point cloud: photo_to_cloud PHOTO.jpg OUT.ply
#include <cstdio>

#include <depthcloud/depthcloud.hpp>

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  depthcloud::Pipeline pipeline({.model = "builtin", .cloud = {.stride = 1}});
  const depthcloud::Frame frame = pipeline.process(depthcloud::read_file(argv[1]));
  depthcloud::write_ply(argv[2], frame.cloud.view());
  std::printf("%zu points in %.1f ms\n", frame.cloud.size(), frame.times.total());
} catch (const depthcloud::Error& error) {
  std::fprintf(stderr, "%s: %s\n", to_string(error.stage()), error.what());
  return 1;
}
