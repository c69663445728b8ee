// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <depthcloud/device.hpp>
#include <depthcloud/system_info.hpp>

namespace depthcloud {

at::Device to_torch(const Device& device);
/// Error{unavailable} for int8, which is not the type of a whole network.
at::ScalarType to_torch(Precision precision);

/// The devices that LibTorch can use here, the preferred one first.
std::vector<DeviceInfo> torch_devices();

/// EstimatorOptions::device as a device that exists: "auto" takes CUDA, else MPS, else the CPU.
/// Errors (stage load): invalid_argument, unavailable.
Device resolve_device(const std::string& text);

/// EstimatorOptions::threads, put into effect for the process.
void set_threads(int threads);

}  // namespace depthcloud
