// SPDX-License-Identifier: Apache-2.0
#include "guard.hpp"

#include <exception>
#include <new>
#include <string>

#include "convert.hpp"
#include "copy_text.hpp"
#include "versioned.hpp"

namespace depthcloud::capi {
namespace {

dcl_error make_error(dcl_status status, const char* message) {
  dcl_error error = DCL_ERROR_INIT;
  error.status = status;
  error.stage = DCL_STAGE_CONTROL;
  copy_text(error.message, message);
  return error;
}

dcl_error current_error() noexcept try { throw; } catch (const AbiError& error) {
  return make_error(DCL_E_ABI, error.what());
} catch (const Error& error) {
  return to_c(error);
} catch (const std::bad_alloc&) {
  return make_error(DCL_E_OUT_OF_MEMORY, "out of memory");
} catch (const std::exception& error) {
  return make_error(DCL_E_INTERNAL, error.what());
} catch (...) {
  return make_error(DCL_E_INTERNAL, "something that is no std::exception was thrown");
}

}  // namespace

void check_abi(std::uint32_t abi) {
  if (abi != DCL_ABI_VERSION) {
    throw AbiError("the program was built for ABI version " + std::to_string(abi) +
                   ", the library has " + std::to_string(DCL_ABI_VERSION));
  }
}

void check_error(const dcl_error* err) {
  if (err != nullptr) check_size(*err, "dcl_error");
}

dcl_status report_current(dcl_error* err) noexcept {
  const dcl_error error = current_error();
  if (err != nullptr && has_valid_size(*err)) write(*err, error);
  return error.status;
}

}  // namespace depthcloud::capi
