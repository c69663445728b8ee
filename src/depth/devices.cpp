// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <depthcloud/error.hpp>
#include <depthcloud/system_info.hpp>

#include "core/torch_compat.hpp"
#include "depth/nn/int8_linear.hpp"
#include "depth/torch_device.hpp"

namespace depthcloud {
namespace {

constexpr const char* int8_elsewhere = "precision int8 is only for Depth Anything on the CPU";

[[noreturn]] void unavailable(const std::string& message) {
  throw Error(ErrorCode::unavailable, Stage::load, message);
}

void require(const Device& device) {
  if (device.kind == DeviceKind::cuda) {
    const int count = torch_compat::cuda_device_count();
    if (count == 0) unavailable("no CUDA device here, or LibTorch was built without CUDA");
    if (device.index >= count) {
      unavailable(fmt::format("no device {}: {} CUDA device(s) here", name(device), count));
    }
  }
  if (device.kind == DeviceKind::mps && !torch_compat::mps_available()) {
    unavailable("no MPS device here, or LibTorch was built without MPS");
  }
}

void try_floating(const at::TensorOptions& options) {
  const at::Tensor image = at::ones({1, 8, 4, 4}, options);
  const at::Tensor filtered = at::relu(at::conv2d(image, at::ones({8, 8, 3, 3}, options)));
  const at::Tensor tokens = at::layer_norm(filtered.flatten(2), {4});
  at::softmax(at::matmul(tokens, tokens.transpose(1, 2)), -1).to(at::kCPU);
}

/// Attention is in bf16 then.
void try_int8() {
  try_floating(at::kBFloat16);
  const at::Tensor square = at::ones({8, 8});
  const at::Tensor result = nn::Int8Linear(square, at::ones({8}))(square);
  TORCH_CHECK(at::allclose(result, at::full({8, 8}, 9.0F), 0.01), "sums of 8 bits overflow");
}

}  // namespace

at::Device to_torch(const Device& device) {
  switch (device.kind) {
    case DeviceKind::cuda:
      return {at::kCUDA, static_cast<c10::DeviceIndex>(device.index)};
    case DeviceKind::mps:
      return {at::kMPS, 0};
    case DeviceKind::cpu:
      break;
  }
  return at::kCPU;
}

at::ScalarType to_torch(Precision precision) {
  switch (precision) {
    case Precision::bf16:
      return at::kBFloat16;
    case Precision::f16:
      return at::kHalf;
    case Precision::int8:
      unavailable(int8_elsewhere);
    case Precision::f32:
      break;
  }
  return at::kFloat;
}

std::vector<DeviceInfo> devices() {
  std::vector<DeviceInfo> found;
  const int cuda_devices = torch_compat::cuda_device_count();
  for (int index = 0; index < cuda_devices; ++index) {
    found.push_back({{DeviceKind::cuda, index}, torch_compat::cuda_device_name(index)});
  }
  if (torch_compat::mps_available()) found.push_back({{DeviceKind::mps, 0}, "Apple GPU"});
  found.push_back({{DeviceKind::cpu, 0}, "CPU"});
  return found;
}

Device resolve_device(const std::string& text) {
  if (text == "auto") return devices().front().device;
  const Device device = parse_device(text);
  require(device);
  return device;
}

void require_precision(const Device& device, Precision precision) {
  if (precision == Precision::f32) return;
  if (precision == Precision::int8 && device.kind != DeviceKind::cpu) unavailable(int8_elsewhere);
  const c10::InferenceMode inference;
  try {
    if (precision == Precision::int8) {
      try_int8();
    } else {
      try_floating(at::TensorOptions(to_torch(device)).dtype(to_torch(precision)));
    }
  } catch (const c10::OutOfMemoryError&) {
    throw;
  } catch (const c10::Error&) {
    unavailable(fmt::format("precision {} does not work on {} with LibTorch {}", name(precision),
                            name(device), torch_compat::version()));
  }
}

}  // namespace depthcloud
