// SPDX-License-Identifier: Apache-2.0
#include "pipeline/frame_errors.hpp"

#include <exception>
#include <new>

#include <fmt/format.h>

#include "core/log.hpp"

namespace depthcloud {

Error error_thrown_by(const char* who) {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return {ErrorCode::out_of_memory, Stage::control, fmt::format("{} ran out of memory", who)};
  } catch (const std::exception& error) {
    return {ErrorCode::internal, Stage::control, fmt::format("{} threw: {}", who, error.what())};
  } catch (...) {
    return {ErrorCode::internal, Stage::control,
            fmt::format("{} threw: not a std::exception", who)};
  }
}

void log_failed_frame(const Error& error) {
  log(LogLevel::warning,
      fmt::format("a frame failed in the stage {}: {}", to_string(error.stage()), error.what()));
}

Error current_error(const char* who) {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (...) {
    return error_thrown_by(who);
  }
}

}  // namespace depthcloud
