// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/wire.hpp>

#include "core/quote.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::pack, message);
}

template <typename Enum, std::size_t count>
Enum parse(std::string_view text, const std::array<Enum, count>& values, const char* kind) {
  for (const Enum value : values) {
    if (text == name(value)) return value;
  }
  fail(fmt::format("{} is no {}", quote(text), kind));
}

}  // namespace

const char* name(Encoding encoding) noexcept {
  switch (encoding) {
    case Encoding::f32:
      return "f32";
    case Encoding::q16:
      return "q16";
    case Encoding::depth:
      return "depth";
  }
  return "unknown";
}

Encoding parse_encoding(std::string_view text) {
  return parse(text, std::array{Encoding::f32, Encoding::q16, Encoding::depth}, "encoding");
}

const char* name(GridColors colors) noexcept {
  switch (colors) {
    case GridColors::jpeg:
      return "jpeg";
    case GridColors::client:
      return "client";
  }
  return "unknown";
}

GridColors parse_grid_colors(std::string_view text) {
  return parse(text, std::array{GridColors::jpeg, GridColors::client}, "source of colours");
}

void check(const WireFormat& format) {
  parse_encoding(name(format.encoding));
  parse_grid_colors(name(format.colors));
  if (!(format.relative_error >= 0.0001 && format.relative_error <= 0.1)) {
    fail(fmt::format("relative_error {} is not from 0.0001 to 0.1", format.relative_error));
  }
  if (format.jpeg_quality < 1 || format.jpeg_quality > 100) {
    fail(fmt::format("jpeg_quality {} is not from 1 to 100", format.jpeg_quality));
  }
}

}  // namespace depthcloud
