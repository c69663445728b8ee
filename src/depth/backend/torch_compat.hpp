// SPDX-License-Identifier: Apache-2.0
#pragma once

// What differs between LibTorch 1.13 and 2.x, and between builds of it, is here and nowhere else.

#include <cstdint>
#include <string>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/Device.h>
#include <torch/csrc/api/include/torch/cuda.h>
#include <torch/csrc/api/include/torch/version.h>

#if TORCH_VERSION_MAJOR >= 2
#include <torch/csrc/api/include/torch/mps.h>
#endif
#ifdef DEPTHCLOUD_TORCH_CUDA
#include <ATen/cuda/CUDAContext.h>
#endif

namespace depthcloud::torch_compat {

inline std::string version() { return TORCH_VERSION; }

/// 0 without a driver or in a build without CUDA.
inline int cuda_device_count() {
  return torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0;
}

inline std::string cuda_device_name([[maybe_unused]] int index) {
#ifdef DEPTHCLOUD_TORCH_CUDA
  return at::cuda::getDeviceProperties(static_cast<c10::DeviceIndex>(index))->name;
#else
  return "CUDA device";
#endif
}

/// Whether there is a Metal GPU that LibTorch can use.
inline bool mps_available() { return at::hasMPS(); }

/// Waits until the device has finished.
inline void synchronize(const c10::Device& device) {
  if (device.is_cuda()) torch::cuda::synchronize(device.index());
#if TORCH_VERSION_MAJOR >= 2
  if (device.is_mps()) torch::mps::synchronize();
#endif
}

}  // namespace depthcloud::torch_compat
