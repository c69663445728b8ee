// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/error.hpp>

namespace depthcloud {

const char* name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
      return "invalid_argument";
    case ErrorCode::corrupt_data:
      return "corrupt_data";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::limit_exceeded:
      return "limit_exceeded";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::io:
      return "io";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::out_of_memory:
      return "out_of_memory";
    case ErrorCode::bad_model:
      return "bad_model";
    case ErrorCode::internal:
      return "internal";
  }
  return "unknown";
}

const char* name(Stage stage) noexcept {
  switch (stage) {
    case Stage::decode:
      return "decode";
    case Stage::preprocess:
      return "preprocess";
    case Stage::infer:
      return "infer";
    case Stage::cloud:
      return "cloud";
    case Stage::pack:
      return "pack";
    case Stage::load:
      return "load";
    case Stage::file:
      return "file";
    case Stage::control:
      return "control";
  }
  return "unknown";
}

}  // namespace depthcloud
