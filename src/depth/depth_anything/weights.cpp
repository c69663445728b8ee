// SPDX-License-Identifier: Apache-2.0
#include "depth/depth_anything/weights.hpp"

#include <vector>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "depth/depth_anything/tensors.hpp"

namespace depthcloud {
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
                              quote(name), depthcloud::name(type)));
  }
}

/// The tensor in the file's memory. Torch has no tensors that are read-only: nobody writes to it.
at::Tensor in_place(const SafetensorsFile& file, const std::string& name, at::IntArrayRef shape) {
  const TensorView view = file.tensor(name, {shape.data(), shape.size()});
  void* data = const_cast<std::uint8_t*>(view.bytes.data());
  const auto keep_mapped = [file](void*) {};
  return at::from_blob(data, shape, keep_mapped,
                       at::TensorOptions().dtype(to_torch(name, view.type)));
}

}  // namespace

nn::Parameters::Reader checkpoint_reader(const SafetensorsFile& file, KeyLayout layout) {
  return [file, layout](const std::string& name, at::IntArrayRef shape) {
    const std::vector<std::string> stored = stored_names(layout, name);
    std::vector<std::int64_t> part_shape = shape.vec();
    part_shape.front() /= static_cast<std::int64_t>(stored.size());
    std::vector<at::Tensor> parts;
    for (const std::string& part : stored) parts.push_back(in_place(file, part, part_shape));
    return parts.size() == 1 ? parts.front() : at::cat(parts);
  };
}

}  // namespace depthcloud
