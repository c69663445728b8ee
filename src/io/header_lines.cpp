// SPDX-License-Identifier: Apache-2.0
#include "io/header_lines.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "core/text.hpp"

namespace depthcloud {
namespace {

std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view spaces = " \t";
  std::vector<std::string_view> words;
  for (std::size_t at = line.find_first_not_of(spaces); at != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(spaces, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(spaces, end);
  }
  return words;
}

HeaderLines::HeaderLines(std::span<const std::uint8_t> bytes, std::string_view format)
    : bytes_(bytes), format_(format) {
  const std::string_view start = text_of(bytes).substr(0, max_bytes);
  const std::size_t first = start.find_first_of("\r\n");
  const bool is_lone_return = first != std::string_view::npos && start[first] == '\r' &&
                              !start.substr(first + 1).starts_with('\n');
  if (is_lone_return) end_ = '\r';
}

std::string_view HeaderLines::next() {
  const std::string_view text = text_of(bytes_).substr(0, max_bytes);
  const std::size_t end = text.find(end_, at_);
  if (end == std::string_view::npos) {
    if (bytes_.size() > max_bytes) {
      throw Error(ErrorCode::limit_exceeded, Stage::file,
                  fmt::format("{}: the header is longer than {} bytes", format_, max_bytes));
    }
    throw Error(ErrorCode::corrupt_data, Stage::file,
                fmt::format("{}: the file ends in its header", format_));
  }
  line_ = text.substr(at_, end - at_);
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  at_ = end + 1;
  ++lines_;
  return line_;
}

void HeaderLines::fail(const std::string& problem) const {
  throw Error(ErrorCode::corrupt_data, Stage::file,
              fmt::format("{}: line {}, {}: {}", format_, lines_, quote(line_), problem));
}

std::uint64_t HeaderLines::number(std::string_view word) const {
  const auto value = whole_number<std::uint64_t>(word);
  if (!value) fail(quote(word) + " is not a whole number");
  return *value;
}

}  // namespace depthcloud
