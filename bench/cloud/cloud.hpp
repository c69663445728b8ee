// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <depthcloud/cloud_builder.hpp>

/// What the contenders of the cloud workloads share.
namespace cloud_bench {

using depthcloud::CloudOptions;
using depthcloud::DepthView;
using depthcloud::ImageView;

inline constexpr float min_confidence = 0.2f;

/// The scene of bench/rivals/cloud_python.py: a sawtooth of depths, and confidences spread evenly
/// over 0 to 1 without pattern, of which min_confidence keeps 80 %.
struct Scene {
  int width;
  int height;
  std::vector<float> depth;
  std::vector<float> confidence;
  std::vector<std::uint8_t> rgb;

  Scene(int height_, int width_) : width(width_), height(height_) {
    for (int v = 0; v < height; ++v) {
      for (int u = 0; u < width; ++u) {
        depth.push_back(1.0f + static_cast<float>((3 * u + 5 * v) % 997) / 256.0f);
        std::uint32_t hash = static_cast<std::uint32_t>(v * width + u) * 2654435761u;
        hash ^= hash >> 15;
        hash *= 2246822519u;
        hash ^= hash >> 13;
        confidence.push_back(static_cast<float>(hash >> 8) / 16777216.0f);
        for (int c = 1; c <= 3; ++c) rgb.push_back(static_cast<std::uint8_t>(c * u + v));
      }
    }
  }
  depthcloud::Intrinsics intrinsics() const {
    return {0.8 * width, 0.8 * width, width / 2.0, height / 2.0};
  }
  DepthView view() const { return {width, height, depth.data(), confidence.data(), intrinsics()}; }
  ImageView image() const {
    return {rgb.data(), width, height, 3 * width, depthcloud::PixelFormat::rgb};
  }
};

/// Times each call by itself, so that the spread between frames is seen and not only their mean.
inline void measure(benchmark::State& state, const std::function<void()>& call) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> ms;
  call();
  for (auto _ : state) {
    const auto start = Clock::now();
    call();
    benchmark::ClobberMemory();
    ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  const auto percentile = [&](std::size_t share) {
    const auto at = ms.begin() + static_cast<std::ptrdiff_t>((ms.size() - 1) * share / 100);
    std::nth_element(ms.begin(), at, ms.end());
    return *at;
  };
  const double median = percentile(50);
  state.counters["call_p50_ms"] = median;
  state.counters["call_p99_over_p50"] = percentile(99) / median;
}

struct Workload {
  std::string name;
  std::shared_ptr<const Scene> scene;
  int stride;

  CloudOptions options() const { return {.stride = stride, .min_confidence = min_confidence}; }
};

/// Registers a contender for every workload. For a variable of the contender's file.
inline bool add(const char* contender, void (*run)(benchmark::State&, const Workload&)) {
  static const auto small = std::make_shared<const Scene>(378, 504);
  static const auto large = std::make_shared<const Scene>(1080, 1920);
  for (const Workload& work :
       {Workload{"378x504_s2", small, 2}, {"378x504_s1", small, 1}, {"1080x1920_s1", large, 1}}) {
    benchmark::RegisterBenchmark(fmt::format("cloud/{}/{}", work.name, contender).c_str(), run,
                                 work)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
  return true;
}

}  // namespace cloud_bench
