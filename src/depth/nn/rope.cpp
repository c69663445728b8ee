// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/rope.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace depthcloud::nn {

Rope::Rope(const at::Tensor& positions, std::int64_t head_dim, double base) {
  const std::int64_t half = head_dim / 2;
  const at::Tensor exponents = at::arange(0, half, 2, at::kFloat) / static_cast<double>(half);
  const at::Tensor frequencies = at::pow(base, exponents).reciprocal().to(positions.device());
  const at::Tensor angles = positions.to(at::kFloat).view({-1, 2, 1, 1}) * frequencies;
  cos_ = angles.cos().contiguous();
  sin_ = angles.sin().contiguous();
}

at::Tensor Rope::operator()(const at::Tensor& x) const {
  return x.is_cpu() ? on_cpu(x) : by_operations(x);
}

/// In one pass over the values: as tensor operations it is six, with inner loops of a few numbers.
at::Tensor Rope::on_cpu(const at::Tensor& x) const {
  const at::Tensor turned = x.clone(at::MemoryFormat::Contiguous);
  const std::int64_t tokens = x.size(-2);
  const std::int64_t quarter = x.size(-1) / 4;
  const std::int64_t pairs = 2 * tokens;  // axes of one head
  float* const values = turned.data_ptr<float>();
  const float* const cosines = cos_.data_ptr<float>();
  const float* const sines = sin_.data_ptr<float>();
  at::parallel_for(0, turned.numel() / (tokens * x.size(-1)), 1,
                   [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t i = begin * pairs; i < end * pairs; ++i) {
                       const float* cosine = cosines + i % pairs * quarter;
                       const float* sine = sines + i % pairs * quarter;
                       float* first = values + i * 2 * quarter;
                       float* second = first + quarter;
                       for (std::int64_t j = 0; j < quarter; ++j) {
                         const float a = first[j];
                         const float b = second[j];
                         first[j] = a * cosine[j] - b * sine[j];
                         second[j] = b * cosine[j] + a * sine[j];
                       }
                     }
                   });
  return turned;
}

at::Tensor Rope::by_operations(const at::Tensor& x) const {
  const std::int64_t quarter = x.size(-1) / 4;
  std::vector<std::int64_t> split = x.sizes().vec();
  split.back() = 2;
  split.insert(split.end(), {2, quarter});
  const at::Tensor pairs = x.reshape(split);  // [..., T, axis, member of the pair, frequency]
  const at::Tensor first = pairs.narrow(-2, 0, 1);
  const at::Tensor second = pairs.narrow(-2, 1, 1);
  return at::cat({first * cos_ - second * sin_, second * cos_ + first * sin_}, -2).view(x.sizes());
}

at::Tensor grid_positions(std::int64_t views, std::int64_t height, std::int64_t width) {
  const at::Tensor rows = at::arange(1, height + 1).view({height, 1}).expand({height, width});
  const at::Tensor columns = at::arange(1, width + 1).view({1, width}).expand({height, width});
  const at::Tensor patches = at::stack({rows, columns}, -1).view({height * width, 2});
  return at::cat({at::zeros({1, 2}, at::kLong), patches}).repeat({views, 1});
}

at::Tensor kind_positions(std::int64_t views, std::int64_t patches) {
  return at::cat({at::zeros({1, 2}, at::kLong), at::ones({patches, 2}, at::kLong)})
      .repeat({views, 1});
}

}  // namespace depthcloud::nn
