// SPDX-License-Identifier: Apache-2.0
#include "access.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <string>

#include <boost/beast/core/string.hpp>

#include "network_range.hpp"

namespace server {
namespace {

namespace http = boost::beast::http;
using boost::beast::iequals;

/// Repeated Host or Origin headers could show two readers two different things.
bool is_single(const Request& request, http::field field) { return request.count(field) == 1; }

/// The host of "host[:port]", without the brackets of IPv6; empty where it is something else.
std::string_view host_of(std::string_view header) {
  const bool in_brackets = header.starts_with('[');
  const auto end = std::min(header.find(in_brackets ? ']' : ':'), header.size());
  std::string_view host = header.substr(0, end);
  std::string_view rest = header.substr(end);
  if (in_brackets) {
    if (rest.empty()) return {};
    host.remove_prefix(1);
    rest.remove_prefix(1);
  }
  const bool has_port =
      rest.starts_with(':') && rest.find_first_not_of("0123456789", 1) == std::string_view::npos;
  return rest.empty() || has_port ? host : std::string_view();
}

bool same_secret(std::string_view a, std::string_view b) {
  const auto digest = [](std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> result{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data());
    return result;
  };
  const auto first = digest(a);
  const auto second = digest(b);
  return CRYPTO_memcmp(first.data(), second.data(), first.size()) == 0;
}

/// Calls `use` with each element of a comma-separated header until it says true.
template <typename Use>
bool any_element(std::string_view header, Use&& use) {
  while (!header.empty()) {
    const auto comma = header.find(',');
    std::string_view element = header.substr(0, comma);
    const auto first = element.find_first_not_of(" \t");
    if (first != std::string_view::npos) {
      element = element.substr(first, element.find_last_not_of(" \t") - first + 1);
      if (use(element)) return true;
    }
    if (comma == std::string_view::npos) break;
    header.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

std::string forwarded_for(const Request& request) {
  std::string all;
  const auto [begin, end] = request.equal_range("X-Forwarded-For");
  for (auto header = begin; header != end; ++header) {
    if (!all.empty()) all += ',';
    all += header->value();
  }
  return all;
}

bool has_element(std::string_view header, std::string_view element) {
  return any_element(header, [&](std::string_view other) { return other == element; });
}

bool host_is_ours(const Request& request, const boost::asio::ip::address& local,
                  const Access& access) {
  if (!is_single(request, http::field::host)) return false;
  const std::string_view host = host_of(request[http::field::host]);
  if (iequals(host, "localhost")) return true;
  if (const auto address = parse_address(host)) return *address == plain(local);
  return std::any_of(access.hosts.begin(), access.hosts.end(),
                     [&](const std::string& allowed) { return iequals(host, allowed); });
}

bool origin_is_ours(const Request& request, const Access& access) {
  if (request.count(http::field::origin) == 0) return true;
  if (!is_single(request, http::field::origin)) return false;
  const std::string_view origin = request[http::field::origin];
  const auto scheme = origin.find("://");
  if (scheme != std::string_view::npos) {
    const std::string_view name = origin.substr(0, scheme);
    const bool web = iequals(name, "http") || iequals(name, "https");
    if (web && iequals(origin.substr(scheme + 3), request[http::field::host])) return true;
  }
  return std::any_of(access.origins.begin(), access.origins.end(),
                     [&](const std::string& allowed) { return iequals(origin, allowed); });
}

bool knows_token(const Request& request, const Access& access) {
  if (access.token.empty()) return true;
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view authorization = request[http::field::authorization];
  if (iequals(authorization.substr(0, scheme.size()), scheme)) {
    return same_secret(authorization.substr(scheme.size()), access.token);
  }
  constexpr std::string_view prefix = "bearer.";
  return any_element(request[http::field::sec_websocket_protocol], [&](std::string_view protocol) {
    return protocol.starts_with(prefix) &&
           same_secret(protocol.substr(prefix.size()), access.token);
  });
}

}  // namespace server
