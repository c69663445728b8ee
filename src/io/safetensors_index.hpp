// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace depthcloud {

/// Whether a file is JSON, which of the files of weights only an index is.
bool is_safetensors_index(std::span<const std::uint8_t> bytes) noexcept;

/// Returns which tensors each file of a checkpoint in several files holds, by the `weight_map` of
/// its index (model.safetensors.index.json). The files lie beside the index: their names have no
/// folder. Errors (stage load): bad_model, limit_exceeded (more than 16 MB, or 1000 files).
std::map<std::string, std::vector<std::string>> read_safetensors_index(
    std::span<const std::uint8_t> json);

}  // namespace depthcloud
