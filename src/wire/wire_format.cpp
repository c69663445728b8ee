// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <fmt/format.h>

#include <depthcloud/error.hpp>
#include <depthcloud/wire.hpp>

#include "wire/encodings.hpp"

namespace depthcloud {
namespace {

constexpr EnumNames<GridColors, 2> grid_colors{{"jpeg", "client"}};

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, Stage::pack, message);
}

}  // namespace

const char* to_string(Encoding encoding) noexcept { return encodings.to_string(encoding); }
Encoding parse_encoding(std::string_view text) {
  return encodings.parse(text, "encoding", Stage::pack);
}
std::span<const char* const> encoding_names() noexcept { return encodings.all(); }

const char* to_string(GridColors colors) noexcept { return grid_colors.to_string(colors); }
GridColors parse_grid_colors(std::string_view text) {
  return grid_colors.parse(text, "source of colours", Stage::pack);
}
std::span<const char* const> grid_colors_names() noexcept { return grid_colors.all(); }

void validate(const WireFormat& format) {
  parse_encoding(to_string(format.encoding));
  parse_grid_colors(to_string(format.colors));
  if (!(format.relative_error >= 0.0001 && format.relative_error <= 0.1)) {
    fail(fmt::format("relative_error {} is not from 0.0001 to 0.1", format.relative_error));
  }
  if (format.jpeg_quality < 1 || format.jpeg_quality > 100) {
    fail(fmt::format("jpeg_quality {} is not from 1 to 100", format.jpeg_quality));
  }
}

}  // namespace depthcloud
