// SPDX-License-Identifier: Apache-2.0
// Depth Anything 3 small on one view of 504 x 378, with random weights: speed does not depend on
// them.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <depthcloud/estimator.hpp>

#include "depth/backend/precision_check.hpp"
#include "depth/backend/torch_device.hpp"
#include "depth/depth_anything/network.hpp"
#include "depth/depth_anything/precision.hpp"
#include "depth/depth_anything/tensors.hpp"
#include "depth/depth_anything/variants.hpp"
#include "depth/nn/int8_linear.hpp"
#include "depth/nn/layers.hpp"
#include "rivals/depth_anything_eager.hpp"

namespace {

using namespace std::string_literals;
using depthcloud::DepthAnything;
using depthcloud::DepthAnythingConfig;
using depthcloud::Precision;
using depthcloud::rivals::DepthAnythingEager;

constexpr std::int64_t height = 378;
constexpr std::int64_t width = 504;

DepthAnythingConfig da3_small() {
  const auto& variants = depthcloud::depth_anything_variants();
  const auto found = std::find_if(variants.begin(), variants.end(),
                                  [](const auto& variant) { return variant.name == "da3-small"s; });
  DepthAnythingConfig config;
  config.family = found->family;
  config.meaning = found->meaning;
  config.vit = found->vit;
  config.head = found->head;
  config.camera_decoder = true;
  return config;
}

/// Weights of a size that keeps activations of order 1; the same for the same name.
at::Tensor random_weight(const std::string& name, at::IntArrayRef shape) {
  at::manual_seed(std::hash<std::string>{}(name));
  const bool matrix = shape.size() > 1 && shape[0] > 1;
  const double fan_in =
      matrix ? static_cast<double>(c10::multiply_integers(shape)) / static_cast<double>(shape[0])
             : 1.0;
  if (name.ends_with("norm.weight") || name.find(".norm") != std::string::npos) {
    return at::ones(shape) + 0.1 * at::randn(shape);
  }
  return at::randn(shape) * (matrix ? 1 / std::sqrt(fan_in) : 0.1);
}

at::Tensor photo() {
  at::manual_seed(1);
  return at::rand({1, 3, height, width}) * 4 - 2;
}

void use_all_cores() { at::set_num_threads(static_cast<int>(std::thread::hardware_concurrency())); }

template <typename Pass>
void repeat(benchmark::State& state, const Pass& pass) {
  benchmark::DoNotOptimize(pass());
  for (auto _ : state) benchmark::DoNotOptimize(pass());
}

at::Tensor depth_in(Precision precision) {
  return DepthAnything(da3_small(), {random_weight, at::kCPU, precision})(photo().unsqueeze(1))
      .depth;
}

/// How far the depth of this precision is from f32's.
void count_accuracy(benchmark::State& state, Precision precision) {
  const at::Tensor exact = depth_in(Precision::f32).to(at::kDouble).flatten();
  const at::Tensor depth = depth_in(precision).to(at::kDouble).flatten();
  const at::Tensor change = (depth - exact).abs() / exact;
  const at::Tensor both = at::stack({depth, exact});
  state.counters["mean_change"] = change.mean().item<double>();
  state.counters["largest_change"] = change.max().item<double>();
  state.counters["correlation"] = at::corrcoef(both)[0][1].item<double>();
}

/// Ends a case whose precision this processor does not have.
bool works(benchmark::State& state, Precision precision) {
  const std::string obstacle =
      depthcloud::precision_obstacle(depthcloud::try_depth_anything, {}, precision);
  if (!obstacle.empty()) state.SkipWithError(obstacle.c_str());
  return obstacle.empty();
}

void depth_anything(benchmark::State& state, Precision precision) {
  if (!works(state, precision)) return;
  const c10::InferenceMode inference;
  use_all_cores();
  DepthAnything network(da3_small(), {random_weight, at::kCPU, precision});
  const at::Tensor images = photo().unsqueeze(1);
  repeat(state, [&] { return network(images).depth; });
  if (precision != Precision::f32) count_accuracy(state, precision);
}

/// The network in a file, named as published, which lives as long as this.
class CheckpointFile {
 public:
  CheckpointFile() {
    std::string header = "{";
    std::vector<at::Tensor> tensors;
    std::size_t offset = 0;
    for (const auto& tensor : depthcloud::expected_tensors(da3_small())) {
      tensors.push_back(random_weight(tensor.name, tensor.shape));
      const std::size_t end = offset + tensors.back().nbytes();
      header += fmt::format(R"({}"{}":{{"dtype":"F32","shape":[{}],"data_offsets":[{},{}]}})",
                            offset > 0 ? "," : "", tensor.name, fmt::join(tensor.shape, ","),
                            offset, end);
      offset = end;
    }
    header += '}';
    header.resize((header.size() + 7) / 8 * 8, ' ');
    const std::uint64_t length = header.size();
    std::ofstream file(path_, std::ios::binary);
    file.write(reinterpret_cast<const char*>(&length), sizeof length) << header;
    for (const at::Tensor& tensor : tensors) {
      file.write(static_cast<const char*>(tensor.data_ptr()),
                 static_cast<std::streamsize>(tensor.nbytes()));
    }
  }
  ~CheckpointFile() { std::filesystem::remove(path_); }
  CheckpointFile(const CheckpointFile&) = delete;
  CheckpointFile& operator=(const CheckpointFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                fmt::format("depthcloud-bench-{}.safetensors", ::getpid());
};

/// From the file, which lies in the page cache, to a network that is ready.
void load(benchmark::State& state, Precision precision) {
  if (!works(state, precision)) return;
  const CheckpointFile file;
  depthcloud::EstimatorOptions options;
  options.precision = precision;
  repeat(state, [&] {
    return depthcloud::DepthEstimator::load(file.path().string(), options).info().parameters;
  });
}

void torch_eager(benchmark::State& state) {
  const c10::InferenceMode inference;
  use_all_cores();
  const DepthAnythingEager network(da3_small(), random_weight);
  const at::Tensor image = photo();
  repeat(state, [&] { return network(image); });
}

/// As many multiplications as the network needs, 75 GFLOP, in products that are as fast as any on
/// this machine: what no network can beat in f32.
void matrix_rate_limit(benchmark::State& state) {
  constexpr std::int64_t rows = 973;
  constexpr std::int64_t in = 384;
  constexpr std::int64_t out = 1536;
  constexpr int products = static_cast<int>(75e9 / (2.0 * rows * in * out));
  const c10::InferenceMode inference;
  use_all_cores();
  const at::Tensor x = at::randn({1, in, 1, rows}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = at::randn({out, in, 1, 1});
  repeat(state, [&] {
    at::Tensor y;
    for (int i = 0; i < products; ++i) {
      y = at::mkldnn_convolution(x, weight, {}, {0, 0}, {1, 1}, {1, 1}, 1);
    }
    return y;
  });
}

/// One layer of the network, 973 x 384 by 384 x 1536, as it is computed.
void linear_layer(benchmark::State& state, Precision precision) {
  if (!works(state, precision)) return;
  const at::ScalarType type = depthcloud::to_torch(precision);
  const c10::InferenceMode inference;
  use_all_cores();
  const at::Tensor x = at::randn({973, 384});
  const at::Tensor weight = at::randn({1536, 384}).to(type);
  const at::Tensor bias = at::randn({1536}).to(type);
  repeat(state, [&] { return depthcloud::nn::affine(x.to(type), weight, bias).to(at::kFloat); });
}

void linear_layer_int8(benchmark::State& state) {
  const c10::InferenceMode inference;
  use_all_cores();
  const at::Tensor x = at::randn({973, 384});
  const depthcloud::nn::Int8Linear linear(at::randn({1536, 384}), at::randn({1536}));
  repeat(state, [&] { return linear(x); });
}

void add(const std::string& name, const std::function<void(benchmark::State&)>& run) {
  benchmark::RegisterBenchmark(("depth_anything/" + name).c_str(), run)
      ->Unit(benchmark::kMillisecond)
      ->MeasureProcessCPUTime()
      ->UseRealTime();
}

const bool registered = [] {
  add("da3_small_504x378/depthcloud",
      [](benchmark::State& state) { depth_anything(state, Precision::f32); });
  add("da3_small_504x378/depthcloud_bf16",
      [](benchmark::State& state) { depth_anything(state, Precision::bf16); });
  add("da3_small_504x378/depthcloud_int8",
      [](benchmark::State& state) { depth_anything(state, Precision::int8); });
  add("da3_small_504x378/torch_eager", torch_eager);
  add("da3_small_504x378/matrix_rate_limit", matrix_rate_limit);
  add("linear_973x384x1536/depthcloud",
      [](benchmark::State& state) { linear_layer(state, Precision::f32); });
  add("linear_973x384x1536/depthcloud_bf16",
      [](benchmark::State& state) { linear_layer(state, Precision::bf16); });
  add("linear_973x384x1536/depthcloud_int8", linear_layer_int8);
  add("da3_small_load/depthcloud", [](benchmark::State& state) { load(state, Precision::f32); });
  add("da3_small_load/depthcloud_bf16",
      [](benchmark::State& state) { load(state, Precision::bf16); });
  add("da3_small_load/depthcloud_int8",
      [](benchmark::State& state) { load(state, Precision::int8); });
  return true;
}();

}  // namespace
