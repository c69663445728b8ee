// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/parameters.hpp"

#include <utility>

#include <ATen/ATen.h>

namespace depthcloud::nn {

Parameters::Parameters(Reader reader, at::Device device, at::ScalarType type)
    : reader_(std::move(reader)), device_(device), type_(type) {}

Parameters Parameters::under(std::string_view name) const {
  Parameters inner = *this;
  inner.prefix_ += name;
  inner.prefix_ += '.';
  return inner;
}

Parameters Parameters::with_type(at::ScalarType type) const {
  Parameters other = *this;
  other.type_ = type;
  return other;
}

at::Tensor Parameters::matrix(std::string_view name, at::IntArrayRef shape) const {
  return read(name, shape, type_);
}

at::Tensor Parameters::f32(std::string_view name, at::IntArrayRef shape) const {
  return read(name, shape, at::kFloat);
}

at::Tensor Parameters::read(std::string_view name, at::IntArrayRef shape,
                            at::ScalarType type) const {
  at::Tensor tensor = reader_(prefix_ + std::string(name), shape).to(device_, type);
  *bytes_ += static_cast<std::int64_t>(tensor.nbytes());
  return tensor;
}

}  // namespace depthcloud::nn
