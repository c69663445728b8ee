// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/torch.hpp>

#include "depth/backend/torch_errors.hpp"

namespace depthcloud {
namespace {

/// The values of a tensor of triples in host memory.
template <typename T>
std::span<const T> triples(const char* what, const at::Tensor& tensor, at::ScalarType type) {
  if (!tensor.defined() || tensor.scalar_type() != type || tensor.dim() != 2 ||
      tensor.size(1) != 3 || !tensor.is_contiguous()) {
    throw Error(
        ErrorCode::invalid_argument, Stage::cloud,
        fmt::format("{} are not a contiguous [N, 3] tensor of {}", what, at::toString(type)));
  }
  if (!tensor.is_cpu()) {
    throw Error(ErrorCode::unavailable, Stage::cloud,
                fmt::format("the cloud lives on {}: call cpu() first", tensor.device().str()));
  }
  return {tensor.data_ptr<T>(), static_cast<std::size_t>(tensor.numel())};
}

}  // namespace

CloudView CloudTensors::view() const& {
  CloudView cloud{triples<float>("positions", positions, at::kFloat),
                  triples<std::uint8_t>("colors", colors, at::kByte), axes};
  if (normals.defined()) cloud.normals = triples<float>("normals", normals, at::kFloat);
  validate(cloud);
  return cloud;
}

CloudTensors CloudTensors::cpu() const {
  return with_torch_errors(Stage::cloud, ErrorCode::internal, [&] {
    return CloudTensors{positions.cpu().contiguous(), colors.cpu().contiguous(), axes,
                        normals.defined() ? normals.cpu().contiguous() : normals};
  });
}

CloudTensors to_tensors(PointCloud&& cloud) {
  validate(cloud.view());
  return with_torch_errors(Stage::cloud, ErrorCode::internal, [&] {
    const auto owner = std::make_shared<PointCloud>(std::move(cloud));
    const auto size = static_cast<std::int64_t>(owner->size());
    const auto wrap = [&](void* data, at::ScalarType type) {
      return at::from_blob(
          data, {size, 3}, [owner](void*) {}, at::TensorOptions(type));
    };
    return CloudTensors{
        wrap(owner->positions.data(), at::kFloat), wrap(owner->colors.data(), at::kByte),
        owner->axes,
        owner->normals.empty() ? at::Tensor{} : wrap(owner->normals.data(), at::kFloat)};
  });
}

}  // namespace depthcloud
