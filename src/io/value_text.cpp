// SPDX-License-Identifier: Apache-2.0
#include "io/value_text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"

namespace depthcloud {

std::string_view ValueText::word() {
  constexpr std::string_view spaces = " \t\r\n\v\f";
  at_ = std::min(text_.find_first_not_of(spaces, at_), text_.size());
  if (at_ == text_.size()) {
    throw Error(ErrorCode::corrupt_data, Stage::file,
                fmt::format("{}: the file ends before its last point", format_));
  }
  const std::size_t end = std::min(text_.find_first_of(spaces, at_), text_.size());
  const std::string_view word = text_.substr(at_, end - at_);
  at_ = end;
  return word;
}

double ValueText::number(std::string_view word) const {
  std::string_view digits = word;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [last, failure] = std::from_chars(digits.data(), end, value);
  if (failure == std::errc::result_out_of_range && last == end) {
    const bool is_small =
        digits.find("e-") != std::string_view::npos || digits.find("E-") != std::string_view::npos;
    return is_small ? 0 : std::numeric_limits<double>::infinity();
  }
  if (failure != std::errc{} || last != end) {
    throw Error(ErrorCode::corrupt_data, Stage::file,
                fmt::format("{}: {} in the place of a number", format_, quote(word)));
  }
  return value;
}

}  // namespace depthcloud
