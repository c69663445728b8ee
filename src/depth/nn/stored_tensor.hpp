// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include "io/weights_file.hpp"

namespace depthcloud::nn {

/// A tensor of this shape in the file's memory, which it keeps mapped. Torch has no tensors that
/// are read-only: nobody may write to it. Errors as WeightsFile::tensor; Error{unsupported}
/// (stage load) unless its elements are F32, F16 or BF16.
at::Tensor stored_tensor(const WeightsFile& file, const std::string& name, at::IntArrayRef shape);

}  // namespace depthcloud::nn
