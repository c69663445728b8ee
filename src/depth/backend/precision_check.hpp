// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <depthcloud/device.hpp>
#include <depthcloud/estimator.hpp>

namespace depthcloud {

/// The layers that networks of a kind are made of, run on a tiny input: the very operations that a
/// network will use. Returns numbers that all of them had a part in; throws what LibTorch throws.
using PrecisionTrial = at::Tensor (*)(const at::Device& device, Precision precision);

/// Why a precision does not work on a device, in words: its trial throws, or gives other numbers
/// than in f32. Empty: it works. Tried once a process. Thread-safety: share freely.
std::string precision_obstacle(PrecisionTrial trial, const Device& device, Precision precision);

/// Error{unavailable} (stage load) with the obstacle, if there is one.
void require_precision(PrecisionTrial trial, const Device& device, Precision precision);

}  // namespace depthcloud
