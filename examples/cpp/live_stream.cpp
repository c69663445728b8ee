// SPDX-License-Identifier: Apache-2.0
// Frames in from anywhere, clouds out of a sink, no queue in between: live_stream PHOTO.jpg...
// The photos stand for a camera that delivers 30 frames a second.
#include <cstdio>
#include <thread>

#include <depthcloud/depthcloud.hpp>

int main(int argc, char** argv) try {
  depthcloud::Pipeline pipeline({.model = "builtin"});
  pipeline.warm_up(640, 480);
  depthcloud::FrameStream stream(
      pipeline,
      [](depthcloud::Frame&& frame) {
        std::printf("frame %llu: %zu points, %zu bytes\n",
                    static_cast<unsigned long long>(frame.tag.frame_id.value_or(0)),
                    frame.cloud.size(), frame.packet.size());
      },
      [](const depthcloud::FrameTag&, const depthcloud::Error& error) {
        std::fprintf(stderr, "%s: %s\n", to_string(error.stage()), error.what());
      },
      {.gate = {.policy = depthcloud::GatePolicy::latest_wins}});

  for (int i = 1; i < argc; ++i) {
    stream.offer(depthcloud::read_file(argv[i]), {.frame_id = static_cast<std::uint64_t>(i)});
    std::this_thread::sleep_for(std::chrono::milliseconds(33));
  }
  while (stream.counters().waiting + stream.counters().in_flight > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
} catch (const depthcloud::Error& error) {
  std::fprintf(stderr, "%s: %s\n", to_string(error.stage()), error.what());
  return 1;
}
