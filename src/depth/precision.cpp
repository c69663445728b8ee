// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/estimator.hpp>

namespace depthcloud {

const char* name(Precision precision) noexcept {
  switch (precision) {
    case Precision::f32:
      return "f32";
    case Precision::bf16:
      return "bf16";
    case Precision::f16:
      return "f16";
    case Precision::int8:
      return "int8";
    case Precision::automatic:
      return "auto";
  }
  return "unknown";
}

Precision parse_precision(std::string_view text) {
  for (const Precision precision :
       {Precision::f32, Precision::bf16, Precision::f16, Precision::int8, Precision::automatic}) {
    if (text == name(precision)) return precision;
  }
  throw Error(ErrorCode::invalid_argument, Stage::load,
              fmt::format("no such precision: '{}' (f32, bf16, f16, int8 or auto)", text));
}

}  // namespace depthcloud
