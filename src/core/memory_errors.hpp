// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <new>

#include <depthcloud/error.hpp>

namespace depthcloud {

/// Runs `call`; memory that cannot be had becomes Error{out_of_memory} with this message.
template <typename Call>
auto with_memory_errors(Stage stage, const char* message, Call&& call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::out_of_memory, stage, message);
  }
}

}  // namespace depthcloud
