// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/ice_candidate.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>

#include <arpa/inet.h>

#include <fmt/format.h>

#include "core/quote.hpp"
#include "core/text.hpp"

namespace depthcloud {
namespace {

constexpr std::size_t longest_text = 1024;
constexpr std::size_t longest_foundation = 32;  // RFC 8839
constexpr std::size_t longest_address = 255;    // of a host name

[[noreturn]] void corrupt(const std::string& message) {
  throw Error(ErrorCode::corrupt_data, Stage::control, "an ICE candidate " + message);
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, text) != names.end();
}

/// Takes one word after the other from a text.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  /// Empty at the end.
  std::string_view next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    const std::string_view word = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(word.size());
    return word;
  }
  template <typename Number>
  Number number(const char* name) {
    const std::string_view word = next();
    const auto value = whole_number<Number>(word);
    if (!value) corrupt(fmt::format("whose {} is {}", name, quote(word)));
    return *value;
  }

 private:
  std::string_view rest_;
};

void check_address(const char* name, std::string_view address) {
  if (address.size() > longest_address || !consists_of(address, ".:-_%")) {
    corrupt(fmt::format("whose {} is {}", name, quote(address)));
  }
}

}  // namespace

IceCandidate parse_ice_candidate(std::string_view text) {
  if (text.size() > longest_text) {
    throw Error(
        ErrorCode::limit_exceeded, Stage::control,
        fmt::format("an ICE candidate of {} bytes: the limit is {}", text.size(), longest_text));
  }
  if (text.starts_with("a=")) text.remove_prefix(2);
  constexpr std::string_view prefix = "candidate:";
  if (!text.starts_with(prefix)) corrupt(fmt::format("that does not begin with '{}'", prefix));
  Words words(text.substr(prefix.size()));
  IceCandidate candidate;
  candidate.foundation = words.next();
  candidate.component = words.number<int>("component");
  candidate.protocol = lower_case(words.next());
  candidate.priority = words.number<std::uint32_t>("priority");
  candidate.address = words.next();
  candidate.port = words.number<std::uint16_t>("port");
  if (words.next() != "typ") corrupt("without a type");
  candidate.type = words.next();
  for (std::string_view key = words.next(); !key.empty(); key = words.next()) {
    if (key == "raddr") {
      candidate.related_address = words.next();
    } else if (key == "rport") {
      candidate.related_port = words.number<std::uint16_t>("related port");
    } else if (key == "tcptype") {
      candidate.tcp_type = words.next();
    } else {
      words.next();  // the value of an extension
    }
  }
  validate(candidate);
  return candidate;
}

void validate(const IceCandidate& candidate) {
  if (candidate.foundation.empty() || candidate.foundation.size() > longest_foundation ||
      !consists_of(candidate.foundation, "+/")) {
    corrupt(fmt::format("whose foundation is {}", quote(candidate.foundation)));
  }
  if (candidate.component < 1 || candidate.component > 256) {
    corrupt(fmt::format("whose component is {}", candidate.component));
  }
  if (!is_one_of(candidate.protocol, {"udp", "tcp"})) {
    corrupt(fmt::format("whose protocol is {}", quote(candidate.protocol)));
  }
  if (candidate.address.empty()) corrupt("without an address");
  check_address("address", candidate.address);
  check_address("related address", candidate.related_address);
  if (!is_one_of(candidate.type, {"host", "srflx", "prflx", "relay"})) {
    corrupt(fmt::format("whose type is {}", quote(candidate.type)));
  }
  if (!is_one_of(candidate.tcp_type, {"", "active", "passive", "so"})) {
    corrupt(fmt::format("whose TCP type is {}", quote(candidate.tcp_type)));
  }
  if (candidate.line < 0) corrupt(fmt::format("for line {}", candidate.line));
}

std::string to_string(const IceCandidate& candidate) {
  std::string text = fmt::format("candidate:{} {} {} {} {} {} typ {}", candidate.foundation,
                                 candidate.component, candidate.protocol, candidate.priority,
                                 candidate.address, candidate.port, candidate.type);
  if (!candidate.related_address.empty()) {
    text += fmt::format(" raddr {} rport {}", candidate.related_address, candidate.related_port);
  }
  if (!candidate.tcp_type.empty()) text += " tcptype " + candidate.tcp_type;
  return text;
}

bool has_ip_address(const IceCandidate& candidate) noexcept {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  const char* const address = candidate.address.c_str();
  return ::inet_pton(AF_INET, address, bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, address, bytes.data()) == 1;
}

}  // namespace depthcloud
