// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <depthcloud/device.hpp>
#include <depthcloud/estimator.hpp>

namespace depthcloud {

at::Device to_torch(const Device& device);
/// Error{unavailable} for int8, which is not the type of a whole network.
at::ScalarType to_torch(Precision precision);

/// EstimatorOptions::device as a device that is there: "auto" takes CUDA, else MPS, else the CPU.
/// Errors (stage load): invalid_argument, unavailable.
Device resolve_device(const std::string& text);

/// EstimatorOptions::threads, put into effect for the process. Error{invalid_argument}.
void set_threads(int threads);

}  // namespace depthcloud
