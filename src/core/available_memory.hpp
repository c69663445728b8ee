// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <depthcloud/stage.hpp>

namespace depthcloud {

/// Bytes of memory that this process can still fill: what the machine has left, or its control
/// group where that is less. Nothing where the system does not say. `root` stands for "/", which
/// tests change. Thread-safety of this header: share freely.
std::optional<std::uint64_t> available_memory(const std::filesystem::path& root = "/");

/// Throws Error{out_of_memory} if that many bytes are not available, before they are asked for: a
/// system that promises more than it has would end the process instead. `what` needs them, for
/// instance "a photo of 3 x 2 pixels". What is less than 256 MB is not looked up.
void check_memory(double bytes, Stage stage, const std::string& what,
                  const std::filesystem::path& root = "/");

}  // namespace depthcloud
