// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <depthcloud/error.hpp>

#include "depth/backend/tensor_depth.hpp"
#include "depth/backend/torch_errors.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::cloud, message);
}

/// The plane, contiguous, when it is one of this type, and of the size and device of `depth`.
at::Tensor checked_plane(const char* what, const at::Tensor& plane, at::ScalarType type,
                         const at::Tensor& depth) {
  if (plane.scalar_type() != type) {
    fail(fmt::format("{} tensor holds {} in place of {}", what, at::toString(plane.scalar_type()),
                     at::toString(type)));
  }
  if (plane.dim() != 2) fail(fmt::format("{} tensor has {} dimensions, not 2", what, plane.dim()));
  if (plane.sizes() != depth.sizes()) {
    fail(fmt::format("{} tensor is {} x {}, depth {} x {}", what, plane.size(0), plane.size(1),
                     depth.size(0), depth.size(1)));
  }
  if (plane.device() != depth.device()) {
    fail(fmt::format("{} tensor is on {}, depth on {}", what, plane.device().str(),
                     depth.device().str()));
  }
  return plane.detach().contiguous();
}

DepthTensors checked(const DepthTensors& in) {
  if (!in.depth.defined()) fail("no depth tensor");
  DepthTensors out;
  out.depth = checked_plane("depth", in.depth, at::kFloat, in.depth);
  out.confidence = in.confidence.defined()
                       ? checked_plane("confidence", in.confidence, at::kFloat, in.depth)
                       : at::ones_like(out.depth);
  if (in.sky.defined()) out.sky = checked_plane("sky", in.sky, at::kByte, in.depth);
  if (in.normals.defined()) {
    const at::Tensor& normals = in.normals;
    if (normals.dim() != 3 || normals.size(2) != 3) {
      fail(fmt::format("normals tensor of shape [{}] is not [H, W, 3]",
                       fmt::join(normals.sizes(), ", ")));
    }
    checked_plane("normals", normals.select(2, 0), at::kFloat, in.depth);
    out.normals = normals.detach().contiguous();
  }
  return out;
}

/// Tensors on the CPU as planes that keep them alive.
SharedDepthPlanes host_planes(DepthTensors tensors) {
  const auto owner = std::make_shared<const DepthTensors>(std::move(tensors));
  return {owner->depth.data_ptr<float>(), owner->confidence.data_ptr<float>(),
          owner->sky.defined() ? owner->sky.data_ptr<std::uint8_t>() : nullptr, owner,
          owner->normals.defined() ? owner->normals.data_ptr<float>() : nullptr};
}

/// A plane of a depth map in host memory as a tensor that keeps it alive.
template <typename T>
at::Tensor borrowed(const DepthMap& map, std::span<const T> plane, at::ScalarType type,
                    at::IntArrayRef shape) {
  return at::from_blob(
      const_cast<T*>(plane.data()), shape, [map](void*) {}, at::TensorOptions(type));
}

}  // namespace

Device TensorDepth::device() const {
  const at::Device device = tensors_.depth.device();
  if (device.is_cuda()) return {DeviceKind::cuda, device.has_index() ? device.index() : 0};
  if (device.type() == at::kMPS) return {DeviceKind::mps, 0};
  return {};
}

SharedDepthPlanes TensorDepth::to_host() const {
  return with_torch_errors(Stage::cloud, ErrorCode::internal, [&] {
    return host_planes({tensors_.depth.cpu(), tensors_.confidence.cpu(),
                        tensors_.sky.defined() ? tensors_.sky.cpu() : tensors_.sky,
                        tensors_.normals.defined() ? tensors_.normals.cpu() : tensors_.normals});
  });
}

DepthMap to_depth_map(const DepthTensors& tensors, const DepthInfo& info) {
  return with_torch_errors(Stage::cloud, ErrorCode::internal, [&]() -> DepthMap {
    DepthTensors planes = checked(tensors);
    const auto width = static_cast<int>(planes.depth.size(1));
    const auto height = static_cast<int>(planes.depth.size(0));
    if (planes.depth.is_cpu()) return {width, height, host_planes(std::move(planes)), info};
    return DeviceDepth::wrap(width, height, std::make_shared<const TensorDepth>(std::move(planes)),
                             info);
  });
}

DepthTensors to_tensors(const DepthMap& depth) {
  if (const auto& on_device = DeviceDepth::of(depth)) {
    if (const auto* planes = dynamic_cast<const TensorDepth*>(on_device.get())) {
      return planes->tensors();
    }
    throw Error(ErrorCode::unavailable, Stage::cloud, "the depth map's planes are not tensors");
  }
  return with_torch_errors(Stage::cloud, ErrorCode::internal, [&] {
    const std::int64_t shape[] = {depth.height(), depth.width()};
    DepthTensors tensors{borrowed(depth, depth.depth(), at::kFloat, shape),
                         borrowed(depth, depth.confidence(), at::kFloat, shape),
                         {},
                         {}};
    if (!depth.sky().empty()) tensors.sky = borrowed(depth, depth.sky(), at::kByte, shape);
    if (!depth.normals().empty()) {
      tensors.normals =
          borrowed(depth, depth.normals(), at::kFloat, {depth.height(), depth.width(), 3});
    }
    return tensors;
  });
}

}  // namespace depthcloud
