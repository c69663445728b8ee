// SPDX-License-Identifier: Apache-2.0
#include "weights_file.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace train_builtin {
namespace {

using at::Tensor;

bool ends_with(const std::string& text, const char* tail) { return text.ends_with(tail); }

/// Standard deviation of a kernel's initial values, relative to He's.
double initial_gain(const std::string& name) {
  if (name.starts_with("stem")) return 3.0;  // its input has a deviation of about a third
  if (ends_with(name, ".conv1.weight") || name.starts_with("context.out")) return 0.0;
  if (ends_with(name, ".skip.weight") || ends_with(name, ".coarse.weight")) return 0.7;
  if (name.starts_with("head") || name.starts_with("range")) return 0.1;
  return 1.0;
}

}  // namespace

depthcloud::NamedTensors initial_weights(std::uint64_t seed) {
  at::manual_seed(seed);
  depthcloud::NamedTensors weights;
  for (const auto& [name, shape] : depthcloud::builtin_shapes()) {
    if (ends_with(name, ".bias")) {
      weights[name] = at::zeros(shape);
      continue;
    }
    const auto fan_in = static_cast<double>(shape[1] * shape[2] * shape[3]);
    weights[name] = at::randn(shape) * (initial_gain(name) * std::sqrt(2.0 / fan_in));
  }
  return weights;
}

void write_safetensors(const std::filesystem::path& path, const depthcloud::NamedTensors& weights) {
  nlohmann::json header;
  std::vector<Tensor> halves;
  std::int64_t offset = 0;
  for (const auto& [name, tensor] : weights) {
    const Tensor half = tensor.detach().to(at::kCPU, at::kHalf).contiguous();
    const std::int64_t end = offset + half.numel() * 2;
    header[name] = {
        {"dtype", "F16"}, {"shape", half.sizes().vec()}, {"data_offsets", {offset, end}}};
    halves.push_back(half);
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t size = text.size();
  const std::filesystem::path unfinished = path.string() + ".tmp";
  {
    std::ofstream file(unfinished, std::ios::binary);
    for (int i = 0; i < 8; ++i) file.put(static_cast<char>(size >> (8 * i)));
    file << text;
    for (const Tensor& half : halves) {
      file.write(static_cast<const char*>(half.data_ptr()), half.numel() * 2);
    }
    if (!file.flush()) throw std::runtime_error("cannot write " + unfinished.string());
  }
  std::filesystem::rename(unfinished, path);
}

}  // namespace train_builtin
