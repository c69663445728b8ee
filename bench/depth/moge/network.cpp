// SPDX-License-Identifier: Apache-2.0
// MoGe-2 small on one photo of 640 x 480, with random weights: speed does not depend on them.
#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <c10/core/InferenceMode.h>

#include "depth/backend/precision_check.hpp"
#include "depth/moge/network.hpp"
#include "depth/moge/precision.hpp"
#include "depth/moge/token_grid.hpp"

namespace {

using depthcloud::Grid;
using depthcloud::Moge;
using depthcloud::MogeConfig;
using depthcloud::MogeStackConfig;
using depthcloud::Precision;
using depthcloud::VitConfig;

constexpr Grid photo_size{640, 480};

MogeConfig small_model() {
  using enum MogeStackConfig::Resampler;
  MogeConfig config;
  config.vit.embed_dim = config.encoder_dim = 384;
  config.vit.blocks = 12;
  config.vit.heads = 6;
  config.vit.out_layers = {5, 11, -1, -1};
  MogeStackConfig head;
  head.dims = head.dim_in = {384, 256, 128, 64, 32};
  head.residual_blocks = {0, 1, 1, 1, 0};
  head.resamplers = {conv_transpose, conv_transpose, conv_transpose, bilinear};
  config.neck = head;
  config.neck.dim_in = {386, 2, 2, 2, 2};
  head.dim_out = 3;
  config.points_head = head;
  config.normal_head = head;
  head.dim_out = 1;
  config.mask_head = head;
  config.scale_dims = {384, 384, 384, 1};
  return config;
}

/// Weights of a size that keeps activations of order 1; the same for the same name.
at::Tensor random_weight(const std::string& name, at::IntArrayRef shape) {
  at::manual_seed(std::hash<std::string>{}(name));
  const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
  if (shape.size() < 2) {
    return has("norm") && name.ends_with("weight") ? at::ones(shape) : 0.1 * at::randn(shape);
  }
  const bool transposed = has(".resamplers.") && shape.back() == 2;
  const double fan_in = transposed ? static_cast<double>(shape[0])
                                   : static_cast<double>(c10::multiply_integers(shape.slice(1)));
  const double gain = has(".output_blocks.")                         ? 0.3
                      : has(".res_blocks.") || has(".input_blocks.") ? 0.5
                                                                     : 1.0;
  return at::randn(shape) * (gain / std::sqrt(std::max(fan_in, 1.0)));
}

at::Tensor photo(const Grid& patches) {
  at::manual_seed(1);
  return at::rand({1, 3, patches.height * VitConfig::patch, patches.width * VitConfig::patch}) * 4 -
         2;
}

void use_all_cores() { at::set_num_threads(static_cast<int>(std::thread::hardware_concurrency())); }

template <typename Pass>
void repeat(benchmark::State& state, const Pass& pass) {
  benchmark::DoNotOptimize(pass());
  for (auto _ : state) benchmark::DoNotOptimize(pass());
}

void moge(benchmark::State& state, int tokens, Precision precision, bool with_normals) {
  const std::string obstacle = depthcloud::precision_obstacle(depthcloud::try_moge, {}, precision);
  if (!obstacle.empty()) return state.SkipWithError(obstacle.c_str());
  const c10::InferenceMode inference;
  use_all_cores();
  const at::Tensor images = photo(depthcloud::token_grid(tokens, photo_size));
  Moge network(small_model(), {random_weight, at::kCPU, precision}, with_normals);
  repeat(state, [&] { return network(images, photo_size).points; });
  if (precision == Precision::f32) return;
  const at::Tensor exact =
      Moge(small_model(), {random_weight, at::kCPU, Precision::f32}, false)(images, photo_size)
          .points.select(1, 2)
          .to(at::kDouble);
  const at::Tensor z = network(images, photo_size).points.select(1, 2).to(at::kDouble);
  state.counters["mean_change"] = ((z - exact).abs() / exact).mean().item<double>();
  state.counters["correlation"] =
      at::corrcoef(at::stack({z.flatten(), exact.flatten()}))[0][1].item<double>();
}

/// The products and convolutions of the network, each as oneDNN alone computes it: its input lies
/// ready, with the border that a 3 x 3 convolution reads.
class Products {
 public:
  explicit Products(const Grid& patches) {
    const MogeConfig config = small_model();
    const std::int64_t dim = config.vit.embed_dim;
    const std::int64_t tokens = 1 + patches.width * patches.height;
    const std::int64_t head_dim = config.vit.head_dim();
    product(tokens - 1, 3 * VitConfig::patch * VitConfig::patch, dim, 1);
    for (const auto& [in, out] :
         {std::pair{dim, 3 * dim}, {dim, dim}, {dim, 4 * dim}, {4 * dim, dim}}) {
      product(tokens, in, out, config.vit.blocks);
    }
    product(tokens, head_dim, tokens, config.vit.blocks * config.vit.heads);
    product(tokens, tokens, head_dim, config.vit.blocks * config.vit.heads);
    product(tokens - 1, dim, dim, 2);
    stack(config.neck, patches);
    stack(config.points_head, patches);
    stack(*config.mask_head, patches);
  }

  at::Tensor run() const {
    at::Tensor last;
    for (const Product& product : products_) {
      for (int i = 0; i < product.count; ++i) {
        last = at::mkldnn_convolution(product.input, product.weight, {}, {0, 0}, {1, 1}, {1, 1}, 1);
      }
    }
    return last;
  }

 private:
  struct Product {
    at::Tensor input;
    at::Tensor weight;
    int count;
  };

  void convolution(std::int64_t height, std::int64_t width, std::int64_t in, std::int64_t out,
                   std::int64_t kernel, int count) {
    const std::int64_t border = kernel - 1;
    products_.push_back(
        {at::randn({1, in, height + border, width + border})
             .contiguous(at::MemoryFormat::ChannelsLast),
         at::randn({out, in, kernel, kernel}).contiguous(at::MemoryFormat::ChannelsLast), count});
  }
  void product(std::int64_t rows, std::int64_t in, std::int64_t out, int count) {
    convolution(1, rows, in, out, 1, count);
  }

  void stack(const MogeStackConfig& config, const Grid& patches) {
    for (std::size_t level = 0; level < MogeStackConfig::levels; ++level) {
      const std::int64_t height = patches.height << level;
      const std::int64_t width = patches.width << level;
      const std::int64_t dim = config.dims[level];
      convolution(height, width, config.dim_in[level], dim, 1, 1);
      convolution(height, width, dim, dim, 3, 2 * config.residual_blocks[level]);
      if (level + 1 == MogeStackConfig::levels) break;
      const std::int64_t next = config.dims[level + 1];
      const bool transposed =
          config.resamplers[level] == MogeStackConfig::Resampler::conv_transpose;
      if (transposed) product(height * width, dim, 4 * next, 1);
      convolution(2 * height, 2 * width, transposed ? next : dim, next, 3, 1);
    }
    if (config.dim_out > 0) {
      convolution(patches.height << 4, patches.width << 4, config.dims.back(), config.dim_out, 1,
                  1);
    }
  }

  std::vector<Product> products_;
};

void products_alone(benchmark::State& state, int tokens) {
  const c10::InferenceMode inference;
  use_all_cores();
  const Products products(depthcloud::token_grid(tokens, photo_size));
  repeat(state, [&] { return products.run(); });
}

void add(const std::string& name, const std::function<void(benchmark::State&)>& run) {
  benchmark::RegisterBenchmark(("moge/" + name).c_str(), run)
      ->Unit(benchmark::kMillisecond)
      ->Repetitions(2)  // a pass takes seconds
      ->MeasureProcessCPUTime()
      ->UseRealTime();
}

const bool registered = [] {
  const auto add_moge = [](const std::string& name, Precision precision, bool with_normals) {
    add("vits_640x480_1200_tokens/" + name,
        [=](benchmark::State& state) { moge(state, 1200, precision, with_normals); });
  };
  add_moge("depthcloud", Precision::f32, false);
  add_moge("depthcloud_bf16", Precision::bf16, false);
  add_moge("depthcloud_int8", Precision::int8, false);
  add_moge("depthcloud_with_normals", Precision::f32, true);
  add("vits_640x480_1200_tokens/onednn_products",
      [](benchmark::State& state) { products_alone(state, 1200); });
  add("vits_640x480_3600_tokens/depthcloud",
      [](benchmark::State& state) { moge(state, 3600, Precision::f32, false); });
  add("vits_640x480_3600_tokens/onednn_products",
      [](benchmark::State& state) { products_alone(state, 3600); });
  return true;
}();

}  // namespace
