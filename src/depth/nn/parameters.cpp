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
  return reader_(prefix_ + std::string(name), shape).to(device_, type_);
}

at::Tensor Parameters::f32(std::string_view name, at::IntArrayRef shape) const {
  return reader_(prefix_ + std::string(name), shape).to(device_, at::kFloat);
}

}  // namespace depthcloud::nn
