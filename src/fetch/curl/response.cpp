// SPDX-License-Identifier: Apache-2.0
#include "fetch/curl/response.hpp"

#include <algorithm>
#include <utility>

#include "core/text.hpp"

namespace depthcloud {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr const char* spaces = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(spaces);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

/// "https://host:port" of an address, in lower case.
std::string origin(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "";
  return lower_case(url.substr(0, url.find_first_of("/?#", scheme + 3)));
}

/// A hash that an ETag holds: the digits of a SHA-256, or of Git's SHA-1.
std::string hash_in(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() > 2 && etag.front() == '"') etag = etag.substr(1, etag.size() - 2);
  const bool is_hash =
      (etag.size() == 64 || etag.size() == 40) && std::ranges::all_of(etag, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      });
  return is_hash ? lower_case(etag) : "";
}

ContentRange read_range(std::string_view text) {
  ContentRange range;
  constexpr std::string_view unit = "bytes ";
  const std::size_t slash = text.find('/');
  if (!lower_case(text).starts_with(unit) || slash == std::string_view::npos) return range;
  const std::string_view span = text.substr(unit.size(), slash - unit.size());
  range.first = whole_number<std::uint64_t>(span.substr(0, span.find('-')));
  range.total = whole_number<std::uint64_t>(text.substr(slash + 1));
  return range;
}

}  // namespace

Response::Response(std::string url) : url_(std::move(url)) {}

void Response::begin(std::string_view status_line) {
  if (!location_.empty() && location_.find("://") != std::string::npos &&
      origin(location_) != origin(url_)) {
    at_hub_ = false;
  }
  const std::size_t space = status_line.find(' ');
  status_ = space == std::string_view::npos
                ? 0
                : whole_number<int>(status_line.substr(space + 1, 3)).value_or(0);
  location_.clear();
  etag_.clear();
  content_length_.reset();
  range_.reset();
}

void Response::read_header(std::string_view line) {
  line = trimmed(line);
  if (line.starts_with("HTTP/")) return begin(line);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string name = lower_case(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "location") {
    location_ = value;
  } else if (name == "content-length") {
    content_length_ = whole_number<std::uint64_t>(value);
  } else if (name == "content-range") {
    range_ = read_range(value);
  } else if (name == "etag") {
    if (!value.starts_with("W/")) etag_ = value;
    if (at_hub_ && !hash_is_linked_) hub_hash_ = hash_in(value);
  } else if (name == "x-linked-size" && at_hub_) {
    linked_size_ = whole_number<std::uint64_t>(value);
  } else if (name == "x-linked-etag" && at_hub_) {
    hub_hash_ = hash_in(value);
    hash_is_linked_ = true;
  }
}

std::optional<std::uint64_t> Response::size() const {
  if (linked_size_) return linked_size_;
  if (range_) return range_->total;
  return content_length_;
}

}  // namespace depthcloud
