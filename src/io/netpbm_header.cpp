// SPDX-License-Identifier: Apache-2.0
#include "io/netpbm_header.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "core/text.hpp"

namespace depthcloud {
namespace {

constexpr std::string_view spaces = " \t\n\v\f\r";

bool is_space(char c) { return spaces.find(c) != std::string_view::npos; }

}  // namespace

bool has_netpbm_mark(std::span<const std::uint8_t> bytes, std::string_view mark) noexcept {
  return bytes.size() > mark.size() && std::equal(mark.begin(), mark.end(), bytes.begin()) &&
         is_space(static_cast<char>(bytes[mark.size()]));
}

NetpbmHeader::NetpbmHeader(std::span<const std::uint8_t> bytes, std::string_view format)
    : text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), format_(format) {}

void NetpbmHeader::skip_space() {
  while (at_ < text_.size()) {
    if (text_[at_] == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (is_space(text_[at_])) {
      ++at_;
    } else {
      return;
    }
  }
}

std::string_view NetpbmHeader::word() {
  skip_space();
  const std::size_t end = std::min(text_.find_first_of(spaces, at_), text_.size());
  const std::string_view word = text_.substr(at_, end - at_);
  if (word.empty()) {
    throw Error(ErrorCode::corrupt_data, Stage::file, fmt::format("{}: truncated", format_));
  }
  at_ = end;
  return word;
}

std::uint64_t NetpbmHeader::number() {
  const std::string_view text = word();
  const auto value = whole_number<std::uint64_t>(text);
  if (!value) {
    throw Error(ErrorCode::corrupt_data, Stage::file,
                fmt::format("{}: {} in the place of a whole number", format_, quote(text)));
  }
  return *value;
}

bool NetpbmHeader::at_end() {
  skip_space();
  return at_ == text_.size();
}

std::span<const std::uint8_t> NetpbmHeader::data() {
  const std::string_view rest = text_.substr(std::min(at_ + 1, text_.size()));
  return {reinterpret_cast<const std::uint8_t*>(rest.data()), rest.size()};
}

}  // namespace depthcloud
