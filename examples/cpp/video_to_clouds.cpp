// SPDX-License-Identifier: Apache-2.0
// The first ten seconds of a video become clouds, five a second: video_to_clouds VIDEO FOLDER
// [MODEL]
#include <chrono>
#include <cstdio>
#include <string>

#include <depthcloud/depthcloud.hpp>

int main(int argc, char** argv) try {
  if (argc < 3) return 2;
  depthcloud::VideoSource source(argv[1], {.max_fps = 5, .end = std::chrono::seconds(10)});
  depthcloud::Pipeline pipeline({.model = argc > 3 ? argv[3] : "builtin"});
  while (const auto picture = source.read()) {
    const depthcloud::Frame frame = pipeline.process_image(picture->image.view());
    const std::string path = std::string(argv[2]) + "/" + std::to_string(picture->index) + ".ply";
    depthcloud::write_ply(path, frame.cloud.view());
    std::printf("%s: %zu points\n", path.c_str(), frame.cloud.size());
  }
} catch (const depthcloud::Error& error) {
  std::fprintf(stderr, "%s: %s\n", to_string(error.stage()), error.what());
  return 1;
}
