// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/parameters.hpp"

#include <utility>

#include <ATen/ATen.h>

#include "depth/backend/torch_device.hpp"
#include "depth/nn/layers.hpp"

namespace depthcloud::nn {

Parameters::Parameters(Reader reader, at::Device device, Precision precision)
    : reader_(std::move(reader)), device_(device), precision_(precision) {}

Parameters Parameters::under(std::string_view name) const {
  Parameters inner = *this;
  inner.prefix_ += name;
  inner.prefix_ += '.';
  return inner;
}

Parameters Parameters::with_precision(Precision precision) const {
  Parameters other = *this;
  other.precision_ = precision;
  return other;
}

at::ScalarType Parameters::activation_type() const {
  if (precision_ != Precision::int8) return to_torch(precision_);
  return cpu_multiplies_bf16() ? at::kBFloat16 : at::kFloat;
}

at::Tensor Parameters::matrix(std::string_view name, at::IntArrayRef shape) const {
  if (precision_ != Precision::int8) return read(name, shape, to_torch(precision_));
  at::Tensor tensor = read(name, shape, at::kFloat);
  if (shape.size() > 1) count(tensor.numel() - static_cast<std::int64_t>(tensor.nbytes()));
  return tensor;
}

at::Tensor Parameters::f32(std::string_view name, at::IntArrayRef shape) const {
  return read(name, shape, at::kFloat);
}

at::Tensor Parameters::read(std::string_view name, at::IntArrayRef shape,
                            at::ScalarType type) const {
  at::Tensor tensor = reader_(prefix_ + std::string(name), shape).to(device_, type);
  count(static_cast<std::int64_t>(tensor.nbytes()));
  return tensor;
}

}  // namespace depthcloud::nn
