// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/system_info.hpp>

#include "depth/backend/torch_compat.hpp"
#include "depth/backend/torch_device.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void unavailable(const std::string& message) {
  throw Error(ErrorCode::unavailable, Stage::load, message);
}

void require(const Device& device) {
  if (device.kind == DeviceKind::cuda) {
    const int count = torch_compat::cuda_device_count();
    if (count == 0) unavailable("no CUDA device here, or LibTorch was built without CUDA");
    if (device.index >= count) {
      unavailable(fmt::format("no device {}: {} CUDA device(s) here", to_string(device), count));
    }
  }
  if (device.kind == DeviceKind::mps && !torch_compat::mps_available()) {
    unavailable("no MPS device here, or LibTorch was built without MPS");
  }
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
      unavailable("int8 is only for Depth Anything and MoGe");
    case Precision::automatic:  // chosen before
    case Precision::f32:
      break;
  }
  return at::kFloat;
}

std::vector<DeviceInfo> torch_devices() {
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
  if (text == "auto") return torch_devices().front().device;
  const Device device = parse_device(text);
  require(device);
  return device;
}

}  // namespace depthcloud
