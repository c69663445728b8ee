// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

#include <depthcloud/stage.hpp>

namespace depthcloud {

/// Why a call failed. Values are frozen: the C API uses the same numbers.
enum class ErrorCode {
  invalid_argument = 1,  ///< an option or argument is out of range
  corrupt_data = 2,      ///< the bytes are damaged, truncated or in another format
  unsupported = 3,       ///< well-formed, but a kind that this library does not read
  limit_exceeded = 4,    ///< larger than the limit; nothing was allocated for it
  not_found = 5,         ///< no such file or model
  io = 6,                ///< the operating system refused to read or write
  unavailable = 7,       ///< a device or feature that this machine or build does not have
  out_of_memory = 8,     ///< host or device memory is exhausted
  bad_model = 9,         ///< a model file that does not fit the network it names
  internal = 10,         ///< a defect in this library or below it
  cancelled = 11,        ///< the caller asked for it to end, see EstimatorOptions::stop
};

/// Returns the name of a code in lower case with underscores, for instance "corrupt_data".
const char* to_string(ErrorCode code) noexcept;

/// The exception type of this library. what() is one line that does not name the caller's context,
/// such as a file.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, Stage stage, const std::string& message)
      : std::runtime_error(message), code_(code), stage_(stage) {}
  ErrorCode code() const noexcept { return code_; }
  Stage stage() const noexcept { return stage_; }

 private:
  ErrorCode code_;
  Stage stage_;
};

}  // namespace depthcloud
