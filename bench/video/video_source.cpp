// SPDX-License-Identifier: Apache-2.0
// All pictures of a file, from opening to the end: VideoSource, which gives RGB, against what
// gst-launch-1.0 does of the same pipeline, with the pictures as they are decoded and as RGB.
#include <benchmark/benchmark.h>

#include <string>

#include <fmt/format.h>

#include <depthcloud/video_source.hpp>

#include "video/bench_videos.hpp"
#include "video/gstreamer/gstreamer.hpp"

namespace {

using depthcloud::GstMiniPtr;
using depthcloud::GstPtr;

void ours(benchmark::State& state, const std::string& name) {
  const std::filesystem::path file = bench_video(state, name);
  if (file.empty()) return;
  std::size_t pictures = 0;
  for (auto _ : state) {
    depthcloud::VideoSource source(file.string());
    while (const auto picture = source.read()) {
      benchmark::DoNotOptimize(picture->image.data());
      ++pictures;
    }
  }
  state.counters["pictures"] =
      benchmark::Counter(static_cast<double>(pictures), benchmark::Counter::kAvgIterations);
}

void launch(benchmark::State& state, const std::string& name, const std::string& conversion) {
  const std::filesystem::path file = bench_video(state, name);
  if (file.empty()) return;
  depthcloud::start_gstreamer();
  const std::string description =
      fmt::format("uridecodebin uri=file://{} ! {}fakesink sync=false", file.string(), conversion);
  for (auto _ : state) {
    const GstPtr<GstElement> pipeline(
        GST_ELEMENT_CAST(gst_object_ref_sink(gst_parse_launch(description.c_str(), nullptr))));
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    const GstPtr<GstBus> bus(gst_element_get_bus(pipeline.get()));
    const GstMiniPtr<GstMessage> end(gst_bus_timed_pop_filtered(
        bus.get(), GST_CLOCK_TIME_NONE,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    if (GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_ERROR)
      return state.SkipWithError("GStreamer fails");
  }
}

const bool are_registered = [] {
  for (const std::string name : {"1080p_h264.mp4", "1080p_vp8.webm", "1080p_vp9.webm"}) {
    const std::string workload = "video/file_" + name.substr(0, name.find('.'));
    const auto add = [&](const std::string& contender, auto run) {
      benchmark::RegisterBenchmark((workload + "/" + contender).c_str(), run)
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    };
    add("depthcloud", [name](benchmark::State& state) { ours(state, name); });
    add("gst_launch", [name](benchmark::State& state) { launch(state, name, ""); });
    add("gst_launch_rgb", [name](benchmark::State& state) {
      launch(state, name, "videoconvert ! video/x-raw,format=RGB ! ");
    });
  }
  return true;
}();

}  // namespace
