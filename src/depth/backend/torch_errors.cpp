// SPDX-License-Identifier: Apache-2.0
#include "depth/backend/torch_errors.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include <c10/util/Exception.h>
#include <fmt/format.h>

namespace depthcloud {
namespace {

/// LibTorch has no type of its own for most of these.
bool tells_of_memory(std::string_view message) {
  constexpr std::string_view signs[] = {"can't allocate memory", "out of memory",
                                        "not enough memory", "ALLOC_FAILED", "std::bad_alloc"};
  return std::any_of(std::begin(signs), std::end(signs), [&](std::string_view sign) {
    return message.find(sign) != std::string_view::npos;
  });
}

/// The first line, or, where the TorchScript interpreter puts a traceback first, the line after it.
std::string_view essence(std::string_view message) {
  constexpr std::string_view after_traceback = "\nRuntimeError: ";
  if (const auto at = message.rfind(after_traceback); at != std::string_view::npos) {
    message.remove_prefix(at + after_traceback.size());
  }
  message.remove_prefix(std::min(message.find_first_not_of(" \n\r\t"), message.size()));
  return message.substr(0, message.find('\n'));
}

[[noreturn]] void fail(Stage stage, ErrorCode otherwise, std::string_view message) {
  const ErrorCode code = tells_of_memory(message) ? ErrorCode::out_of_memory : otherwise;
  throw Error(code, stage, fmt::format("LibTorch: {}", essence(message)));
}

}  // namespace

void throw_translated(Stage stage, ErrorCode otherwise) {
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw Error(ErrorCode::out_of_memory, stage, "not enough memory");
  } catch (const c10::OutOfMemoryError& error) {
    throw Error(ErrorCode::out_of_memory, stage,
                fmt::format("LibTorch: {}", essence(error.what_without_backtrace())));
  } catch (const c10::Error& error) {
    fail(stage, otherwise, error.what_without_backtrace());
  } catch (const std::exception& error) {
    fail(stage, otherwise, error.what());
  } catch (...) {
    throw Error(ErrorCode::internal, stage, "an exception of unknown type");
  }
}

}  // namespace depthcloud
