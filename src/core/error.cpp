// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/error.hpp>

#include "core/enum_names.hpp"

namespace depthcloud {
namespace {

constexpr EnumNames<ErrorCode, 11, 1> codes{
    {"invalid_argument", "corrupt_data", "unsupported", "limit_exceeded", "not_found", "io",
     "unavailable", "out_of_memory", "bad_model", "internal", "cancelled"}};
constexpr EnumNames<Stage, 9> stages{
    {"decode", "preprocess", "infer", "cloud", "pack", "load", "file", "control", "metric"}};

}  // namespace

const char* to_string(ErrorCode code) noexcept { return codes.to_string(code); }
const char* to_string(Stage stage) noexcept { return stages.to_string(stage); }

}  // namespace depthcloud
