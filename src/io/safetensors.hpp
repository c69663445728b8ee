// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "io/tensor_table.hpp"

namespace depthcloud {

/// The longest header that is read, as the format's own reader has it.
inline constexpr std::uint64_t max_safetensors_header = 100'000'000;

/// Returns the tensors of a safetensors file (https://github.com/huggingface/safetensors,
/// "Format"), checked whole and left where they lie: nothing is copied. `bytes` must outlive the
/// result.
///
/// Errors (stage load): bad_model (truncated, a header that is not as the format says, offsets that
/// overlap, leave a hole or disagree with the shape), limit_exceeded (the header), unsupported
/// (element types, misaligned data, files of another kind), invalid_argument (bytes that are not
/// aligned to 8), out_of_memory.
TensorTable read_safetensors(std::span<const std::uint8_t> bytes);

}  // namespace depthcloud
