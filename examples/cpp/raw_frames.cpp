// SPDX-License-Identifier: Apache-2.0
// Raw frames of a camera, lent to a stream until it has read them: raw_frames MODEL
// Three buffers stand for those of a driver, which the camera fills again when they come back.
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include <depthcloud/depthcloud.hpp>

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  constexpr int width = 640, height = 480;
  std::vector<std::uint8_t> buffers[3];
  std::atomic<bool> lent[3] = {};
  for (auto& buffer : buffers) buffer.assign(width * height * 3 / 2, 128);

  depthcloud::Pipeline pipeline({.model = argv[1]});
  depthcloud::FrameStream stream(
      pipeline, [](depthcloud::Frame&& frame) { std::printf("%zu points\n", frame.cloud.size()); },
      nullptr);  // what fails is logged

  for (int i = 0; i < 30; ++i) {
    int slot = 0;
    while (lent[slot]) slot = (slot + 1) % 3;  // one waits, and one is being read
    const std::uint8_t* luma = buffers[slot].data();
    lent[slot] = true;
    stream.offer_image({.image = depthcloud::YuvView{.format = depthcloud::YuvFormat::nv12,
                                                     .width = width,
                                                     .height = height,
                                                     .planes = {luma, luma + width * height},
                                                     .strides = {width, width}},
                        .release = [&lent, slot] { lent[slot] = false; }});
    std::this_thread::sleep_for(std::chrono::milliseconds(33));
  }
} catch (const depthcloud::Error& error) {
  std::fprintf(stderr, "%s: %s\n", to_string(error.stage()), error.what());
  return 1;
}
