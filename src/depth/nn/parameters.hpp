// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <ATen/core/Tensor.h>

#include <depthcloud/estimator.hpp>

namespace depthcloud::nn {

/// Gives the layers of a network their parameters, by the names of the official checkpoints below
/// one prefix. Cheap to copy.
class Parameters {
 public:
  /// Returns the tensor of a full name, in exactly this shape; any type, any device. The tensor is
  /// never written to, so it may be in a mapped file.
  using Reader = std::function<at::Tensor(const std::string& name, at::IntArrayRef shape)>;

  /// `precision` is that of matrix products.
  Parameters(Reader reader, at::Device device, Precision precision);

  /// The parameters below `name`, without its final dot.
  Parameters under(std::string_view name) const;
  /// The same parameters for products in another precision.
  Parameters with_precision(Precision precision) const;
  at::Device device() const { return device_; }
  Precision precision() const { return precision_; }
  /// The type of products of two activations. For int8, which would need scales for both, it is
  /// bf16 if the processor supports it, else f32.
  at::ScalarType activation_type() const;

  /// Bytes of all tensors returned so far by these parameters and all parameters made from them.
  std::int64_t bytes() const { return *bytes_; }

  /// A tensor for matrix products. For int8 it is f32, and Int8Linear rounds it; bytes() then
  /// counts the rounded weights.
  at::Tensor matrix(std::string_view name, at::IntArrayRef shape) const;
  /// For everything that is always computed in f32.
  at::Tensor f32(std::string_view name, at::IntArrayRef shape) const;

 private:
  at::Tensor read(std::string_view name, at::IntArrayRef shape, at::ScalarType type) const;
  void count(std::int64_t bytes) const { *bytes_ += bytes; }

  Reader reader_;
  at::Device device_;
  Precision precision_;
  std::string prefix_;
  std::shared_ptr<std::int64_t> bytes_ = std::make_shared<std::int64_t>(0);
};

}  // namespace depthcloud::nn
