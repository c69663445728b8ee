// SPDX-License-Identifier: Apache-2.0
// What a call through C costs beside the same call in C++: a small frame whose depth is a constant,
// so that the call is not lost in the network. rivals/capi_python.py does the same through ctypes.
#include <algorithm>
#include <chrono>
#include <vector>

#include <benchmark/benchmark.h>

#include <depthcloud/depthcloud.h>
#include <depthcloud/pipeline.hpp>

namespace {

using Clock = std::chrono::steady_clock;
constexpr int width = 64, height = 48;

class CppFrames {
 public:
  void operator()(const std::vector<std::uint8_t>& rgb) {
    const depthcloud::Frame frame = pipeline_.process_image(
        {.data = rgb.data(), .width = width, .height = height, .stride = 3 * width});
    benchmark::DoNotOptimize(frame.cloud.positions.data());
    benchmark::DoNotOptimize(frame.packet.data());
  }

 private:
  depthcloud::Pipeline pipeline_{{.model = "constant:2", .estimator = {.device = "cpu"}}};
};

class CFrames {
 public:
  CFrames() {
    dcl_model_options options = DCL_MODEL_OPTIONS_INIT;
    options.device = "cpu";
    dcl_model_load(DCL_ABI_VERSION, "constant:2", &options, &model_, nullptr);
    dcl_pipeline_create(model_, nullptr, &pipeline_, nullptr);
  }
  ~CFrames() {
    dcl_pipeline_free(pipeline_);
    dcl_model_free(model_);
  }
  CFrames(const CFrames&) = delete;
  CFrames& operator=(const CFrames&) = delete;

  void operator()(const std::vector<std::uint8_t>& rgb) {
    dcl_image_view image = DCL_IMAGE_VIEW_INIT;
    image.data = rgb.data();
    image.width = width;
    image.height = height;
    dcl_frame* frame = nullptr;
    dcl_cloud_view cloud = DCL_CLOUD_VIEW_INIT;
    dcl_error error = DCL_ERROR_INIT;
    dcl_pipeline_process_image(pipeline_, &image, nullptr, &frame, &error);
    dcl_frame_get_cloud(frame, &cloud, &error);
    benchmark::DoNotOptimize(cloud.positions);
    benchmark::DoNotOptimize(dcl_frame_get_packet(frame, nullptr));
    dcl_frame_free(frame);
  }

 private:
  dcl_model* model_ = nullptr;
  dcl_pipeline* pipeline_ = nullptr;
};

double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

double percentile(std::vector<double>& samples, std::size_t percent) {
  std::sort(samples.begin(), samples.end());
  return samples[(samples.size() - 1) * percent / 100];
}

template <typename Frames>
void process(benchmark::State& state) {
  const std::vector<std::uint8_t> rgb(3 * width * height, 128);
  Frames frames;
  frames(rgb);
  for (auto _ : state) frames(rgb);
}

/// Both in turns, so that what else the machine does falls on both alike. Reports what C adds.
void added_by_c(benchmark::State& state) {
  const std::vector<std::uint8_t> rgb(3 * width * height, 128);
  CppFrames cpp;
  CFrames c;
  std::vector<double> in_cpp, in_c, added;
  for (auto _ : state) {
    const auto start = Clock::now();
    cpp(rgb);
    const auto between = Clock::now();
    c(rgb);
    const auto end = Clock::now();
    in_cpp.push_back(microseconds(between - start));
    in_c.push_back(microseconds(end - between));
    added.push_back(in_c.back() - in_cpp.back());
  }
  state.counters["cpp_p50_us"] = percentile(in_cpp, 50);
  state.counters["cpp_p95_us"] = percentile(in_cpp, 95);
  state.counters["c_p50_us"] = percentile(in_c, 50);
  state.counters["c_p95_us"] = percentile(in_c, 95);
  state.counters["added_p50_us"] = percentile(added, 50);
}

BENCHMARK(process<CppFrames>)->Name("capi/frame_64x48/depthcloud")->UseRealTime();
BENCHMARK(process<CFrames>)->Name("capi/frame_64x48/c")->UseRealTime();
BENCHMARK(added_by_c)->Name("capi/frame_64x48_in_turns/depthcloud")->UseRealTime();

}  // namespace
