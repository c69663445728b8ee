// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "io/pickle.hpp"

namespace depthcloud {

/// The index of a global, "module.name", in the table of those that are known. Throws
/// Error{unsupported, stage load} for any other, with what to do where that is known.
std::size_t find_pickle_global(std::string_view name);

/// Its name.
std::string_view pickle_global_name(std::size_t global);

/// What a call of the global gives, which is checked and never made. Adds to the storages and
/// tensors of the pickle. Throws Error{bad_model} for other arguments than PyTorch writes.
PickleValue call_pickle_global(Pickle& pickle, std::size_t global,
                               std::span<const Pickle::Index> arguments);

/// The storage that a persistent id stands for, ("storage", type, key, location, numel). Throws
/// Error{bad_model} for any other.
PickleValue load_persistent_id(Pickle& pickle, const PickleValue& id);

}  // namespace depthcloud
