// SPDX-License-Identifier: Apache-2.0
// The whole chain on one camera frame, with the built-in network.
#include <algorithm>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <turbojpeg.h>

#include <depthcloud/decode.hpp>
#include <depthcloud/files.hpp>
#include <depthcloud/pipeline.hpp>

namespace {

/// The sample photo, continued by repeating it, as a 640x480 JPEG of a camera's usual quality.
std::vector<std::uint8_t> camera_frame() {
  constexpr int width = 640, height = 480, quality = 70;
  const auto photo = depthcloud::decode_jpeg(depthcloud::read_file(DEPTHCLOUD_BENCH_PHOTO));
  depthcloud::Image frame(width, height);
  for (int v = 0; v < height; ++v) {
    for (int u = 0; u < width; ++u) {
      std::copy_n(photo.row(v % photo.height()) + 3 * (u % photo.width()), 3, frame.row(v) + 3 * u);
    }
  }
  unsigned char* jpeg = nullptr;
  unsigned long size = 0;
  const tjhandle compressor = tjInitCompress();
  tjCompress2(compressor, frame.data(), width, 0, height, TJPF_RGB, &jpeg, &size, TJSAMP_420,
              quality, 0);
  std::vector<std::uint8_t> bytes(jpeg, jpeg + size);
  tjFree(jpeg);
  tjDestroy(compressor);
  return bytes;
}

void jpeg_to_packet(benchmark::State& state) {
  const std::vector<std::uint8_t> jpeg = camera_frame();
  depthcloud::Pipeline pipeline({.estimator = {.device = "cpu", .threads = 2}});
  pipeline.process(jpeg);
  std::vector<double> ms;
  for (auto _ : state) {
    const depthcloud::Frame frame = pipeline.process(jpeg);
    benchmark::DoNotOptimize(frame.packet.data());
    ms.push_back(frame.times.total());
  }
  std::sort(ms.begin(), ms.end());
  state.counters["p50_ms"] = ms[(ms.size() - 1) / 2];
  state.counters["p95_ms"] = ms[(ms.size() - 1) * 95 / 100];
  for (const depthcloud::Stage stage : depthcloud::timed_stages) {
    if (stage == depthcloud::Stage::metric) continue;  // there is no second network
    state.counters[std::string(to_string(stage)) + "_p50_ms"] =
        pipeline.latency().summary(stage).p50;
  }
}

const bool registered = [] {
  benchmark::RegisterBenchmark("pipeline/jpeg_640x480_to_packet/depthcloud", jpeg_to_packet)
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
  return true;
}();

}  // namespace
