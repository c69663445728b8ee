// SPDX-License-Identifier: Apache-2.0
#include "depth/nn/stored_tensor.hpp"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"

namespace depthcloud::nn {
namespace {

at::ScalarType to_torch(const std::string& name, TensorType type) {
  switch (type) {
    case TensorType::f32:
      return at::kFloat;
    case TensorType::f16:
      return at::kHalf;
    case TensorType::bf16:
      return at::kBFloat16;
    default:
      throw Error(ErrorCode::unsupported, Stage::load,
                  fmt::format("tensor {} has elements of type {} (weights are F32, F16 or BF16)",
                              quote(name), depthcloud::to_string(type)));
  }
}

}  // namespace

at::Tensor stored_tensor(const WeightsFile& file, const std::string& name, at::IntArrayRef shape) {
  const TensorView view = file.tensor(name, {shape.data(), shape.size()});
  void* data = const_cast<std::uint8_t*>(view.bytes.data());
  const auto keep_mapped = [file](void*) {};
  return at::from_blob(data, shape, keep_mapped,
                       at::TensorOptions().dtype(to_torch(name, view.type)));
}

}  // namespace depthcloud::nn
