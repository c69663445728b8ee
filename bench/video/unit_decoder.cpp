// SPDX-License-Identifier: Apache-2.0
// An access unit to its picture, one after the other as they come over a network: VideoDecoder,
// from push() to the callback with RGB, against parser and decoder alone between appsrc and
// appsink.
#include <benchmark/benchmark.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include <fmt/format.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <depthcloud/video_decoder.hpp>

#include "video/bench_videos.hpp"
#include "video/gstreamer/gstreamer.hpp"
#include "video/videos.hpp"

namespace {

using depthcloud::GstMiniPtr;
using depthcloud::GstPtr;

constexpr const char* byte_stream = "video/x-h264,stream-format=byte-stream,alignment=au";

std::vector<CodedUnit> units_of_video(benchmark::State& state) {
  const std::filesystem::path file = bench_video(state, "480p_h264.mp4");
  if (file.empty()) return {};
  return run_to_units(
      fmt::format("filesrc location={} ! qtdemux ! h264parse ! {} ! appsink name=out",
                  file.string(), byte_stream));
}

void ours(benchmark::State& state) {
  const std::vector<CodedUnit> units = units_of_video(state);
  if (units.empty()) return;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t pictures = 0;
  depthcloud::VideoDecoder decoder(depthcloud::VideoCodec::h264,
                                   {.picture = [&](depthcloud::VideoFrame&&) {
                                     const std::lock_guard lock(mutex);
                                     ++pictures;
                                     changed.notify_one();
                                   }});
  std::size_t pushed = 0;
  for (auto _ : state) {
    decoder.push(units[pushed % units.size()].unit());
    ++pushed;
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return pictures == pushed; });
  }
}
BENCHMARK(ours)
    ->Name("video/unit_640x480_h264/depthcloud")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

void gstreamer(benchmark::State& state) {
  const std::vector<CodedUnit> units = units_of_video(state);
  if (units.empty()) return;
  const std::string description = fmt::format(
      "appsrc name=in caps={} ! h264parse ! avdec_h264 thread-type=slice ! appsink name=out "
      "sync=false",
      byte_stream);
  const GstPtr<GstElement> pipeline(
      GST_ELEMENT_CAST(gst_object_ref_sink(gst_parse_launch(description.c_str(), nullptr))));
  const GstPtr<GstElement> in(gst_bin_get_by_name(GST_BIN(pipeline.get()), "in"));
  const GstPtr<GstElement> out(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  std::size_t pushed = 0;
  for (auto _ : state) {
    const std::vector<std::uint8_t>& data = units[pushed % units.size()].data;
    ++pushed;
    GstBuffer* const buffer = gst_buffer_new_memdup(data.data(), data.size());
    GST_BUFFER_PTS(buffer) = pushed * 33 * GST_MSECOND;
    gst_app_src_push_buffer(GST_APP_SRC(in.get()), buffer);
    const GstMiniPtr<GstSample> sample(
        gst_app_sink_try_pull_sample(GST_APP_SINK(out.get()), 10 * GST_SECOND));
    if (sample == nullptr) {
      state.SkipWithError("no picture comes");
      break;
    }
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
BENCHMARK(gstreamer)
    ->Name("video/unit_640x480_h264/gst_parser_and_decoder")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
