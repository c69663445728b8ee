// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "depth/builtin/network.hpp"

namespace train_builtin {

/// He initialisation (2015) without normalisation layers: each residual block starts as the
/// identity (Zhang, Dauphin, Ma, "Fixup", 2019).
depthcloud::NamedTensors initial_weights(std::uint64_t seed);

/// Writes the tensors as f16 safetensors.
void write_safetensors(const std::filesystem::path& path, const depthcloud::NamedTensors& weights);

}  // namespace train_builtin
