// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <depthcloud/error.hpp>

namespace depthcloud {

/// To be called in a catch block: throws what is being handled as an Error. An Error passes as it
/// is; exhausted memory, of the host or of a device, is out_of_memory; everything else is
/// `otherwise`, with one line of LibTorch's message.
[[noreturn]] void throw_translated(Stage stage, ErrorCode otherwise);

/// Runs `function` at the border to LibTorch: only Error leaves it.
template <typename Function>
decltype(auto) with_torch_errors(Stage stage, ErrorCode otherwise, Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (...) {
    throw_translated(stage, otherwise);
  }
}

}  // namespace depthcloud
