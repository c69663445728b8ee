// SPDX-License-Identifier: Apache-2.0
#include "video/uri.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <depthcloud/video_source.hpp>

namespace depthcloud {
namespace {

constexpr std::string_view mark = "***";

void replace_all(std::string& text, std::string_view part) {
  if (part.empty() || part == mark) return;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += mark.size()) {
    text.replace(at, part.size(), mark);
  }
}

/// Whether the text begins with "%" and two hexadecimal digits.
bool is_escape(std::string_view text) {
  const auto is_hex = [&](std::size_t at) {
    return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0;
  };
  return text.starts_with('%') && is_hex(1) && is_hex(2);
}

}  // namespace

bool is_percent_encoded(std::string_view text) {
  for (std::size_t at = 0; (at = text.find('%', at)) != std::string_view::npos; ++at) {
    if (!is_escape(text.substr(at))) return false;
  }
  return true;
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_escape(text.substr(i))) {
      const std::string digits(text.substr(i + 1, 2));
      result += static_cast<char>(std::strtol(digits.c_str(), nullptr, 16));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string uri_scheme(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || colon < 2) return "";
  std::string scheme;
  for (const char c : uri.substr(0, colon)) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter) == 0 && c != '+' && c != '-' && c != '.') return "";
    scheme += static_cast<char>(std::tolower(letter));
  }
  return std::isalpha(static_cast<unsigned char>(scheme[0])) != 0 ? scheme : "";
}

std::string_view uri_password(std::string_view uri) {
  const std::size_t slashes = uri.find("://");
  if (slashes == std::string_view::npos) return {};
  std::string_view authority = uri.substr(slashes + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  // A password that is not encoded may hold an '@' or one of the characters that end an authority.
  std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) {
    const std::string_view rest = uri.substr(slashes + 3);
    const std::size_t later = rest.rfind('@');
    const std::size_t first_slash = rest.find('/');
    const std::size_t colon = rest.find(':');
    if (later == std::string_view::npos || colon == std::string_view::npos || colon > later ||
        (first_slash != std::string_view::npos && first_slash < colon)) {
      return {};
    }
    authority = rest;
    at = later;
  }
  const std::size_t colon = authority.find(':');
  if (colon == std::string_view::npos || colon > at) return {};
  return authority.substr(colon + 1, at - colon - 1);
}

std::string without_password_of(std::string_view uri, std::string text) {
  const std::string_view password = uri_password(uri);
  replace_all(text, password);
  replace_all(text, percent_decoded(password));
  return text;
}

std::string without_password(std::string_view uri) {
  const std::string_view password = uri_password(uri);
  std::string text(uri);
  if (!password.empty()) {
    text.replace(static_cast<std::size_t>(password.data() - uri.data()), password.size(), mark);
  }
  return text;
}

}  // namespace depthcloud
