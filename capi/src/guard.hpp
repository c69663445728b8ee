// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <depthcloud/depthcloud.h>
#include <depthcloud/error.hpp>

namespace depthcloud::capi {

/// A program that was built for another ABI version.
class AbiError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws AbiError unless the program was built for this version.
void check_abi(std::uint32_t abi);

/// Status and error of the exception that is being handled, whatever it is.
dcl_status report_current(dcl_error* err) noexcept;

/// Throws unless `err` is NULL or large enough to be written to.
void check_error(const dcl_error* err);

/// The fence around every entry point that can fail: nothing is thrown across it. `body` returns a
/// dcl_status, or nothing for DCL_OK.
template <typename Body>
dcl_status guard(dcl_error* err, Body&& body) noexcept try {
  check_error(err);
  if constexpr (std::is_void_v<decltype(body())>) {
    body();
    return DCL_OK;
  } else {
    return body();
  }
} catch (...) {
  return report_current(err);
}

[[noreturn]] inline void fail_argument(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::control, message);
}

/// The object behind a pointer that must not be NULL.
template <typename T>
T& object(T* pointer, const char* name) {
  if (pointer == nullptr) fail_argument(std::string(name) + " is NULL");
  return *pointer;
}

}  // namespace depthcloud::capi
