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

/// Where the layers of a network find their parameters: by the names of the official checkpoints,
/// below one prefix. A copy costs a string.
class Parameters {
 public:
  /// Gives the tensor of a full name, in exactly this shape; any type, any device. What it gives is
  /// never written to, so that it may lie in a mapped file.
  using Reader = std::function<at::Tensor(const std::string& name, at::IntArrayRef shape)>;

  /// `precision` is what matrix products compute in.
  Parameters(Reader reader, at::Device device, Precision precision);

  /// The parameters below `name`, which ends where a dot would stand.
  Parameters under(std::string_view name) const;
  /// The same parameters for products in another precision.
  Parameters with_precision(Precision precision) const;
  at::Device device() const { return device_; }
  Precision precision() const { return precision_; }
  /// The type of products of two activations: for int8, which would need scales for both, bf16
  /// where the processor can, else f32.
  at::ScalarType activation_type() const;

  /// Bytes of all tensors given so far, of these and of all parameters made from them.
  std::int64_t bytes() const { return *bytes_; }

  /// For matrix products. For int8 in f32, which Int8Linear then rounds: of weights, bytes() counts
  /// what that keeps.
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
