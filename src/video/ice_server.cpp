// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/ice_server.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "core/text.hpp"
#include "video/uri.hpp"

namespace depthcloud {
namespace {

constexpr std::uint16_t default_port = 3478;
constexpr std::uint16_t default_tls_port = 5349;
constexpr std::size_t longest_text = 1024;

[[noreturn]] void refuse(const std::string& message) {
  throw Error(
      ErrorCode::invalid_argument, Stage::control,
      message + ": write stun:HOST[:PORT] or turn:USER:PASSWORD@HOST[:PORT][?transport=tcp]");
}

std::string decoded(std::string_view text) {
  if (!is_percent_encoded(text)) {
    refuse(
        "a user or password of a TURN server with a % that two hexadecimal digits do not follow");
  }
  return percent_decoded(text);
}

/// Takes the scheme off the text.
IceServer::Kind take_kind(std::string_view& text) {
  const std::string_view scheme = text.substr(0, text.find(':'));
  text.remove_prefix(std::min(scheme.size() + 1, text.size()));
  if (text.starts_with("//")) text.remove_prefix(2);
  if (scheme == "stun") return IceServer::Kind::stun;
  if (scheme == "turn") return IceServer::Kind::turn;
  if (scheme == "turns") return IceServer::Kind::turns;
  refuse("no STUN or TURN server");
}

/// Takes the query off the text; whether it says TCP.
bool take_over_tcp(std::string_view& text) {
  const std::size_t at = text.find('?');
  if (at == std::string_view::npos) return false;
  const std::string_view query = text.substr(at + 1);
  text = text.substr(0, at);
  if (query != "transport=udp" && query != "transport=tcp") {
    refuse("after the ? of a TURN server stands transport=udp or transport=tcp");
  }
  return query == "transport=tcp";
}

void read_host(std::string_view text, IceServer& server) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) refuse("an IPv6 address without its ]");
    server.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    server.host = text.substr(0, text.find(':'));
    port = text.substr(server.host.size());
  }
  if (server.host.empty() || !consists_of(server.host, ".-:_")) {
    refuse("no host of a STUN or TURN server");
  }
  if (port.empty()) return;
  port.remove_prefix(1);
  server.port = whole_number<std::uint16_t>(port).value_or(0);
  if (server.port == 0) refuse(fmt::format("no port of the server {}", server.host));
}

}  // namespace

IceServer parse_ice_server(std::string_view text) {
  if (text.size() > longest_text) refuse("the name of a STUN or TURN server is too long");
  IceServer server;
  server.kind = take_kind(text);
  const bool is_stun = server.kind == IceServer::Kind::stun;
  const std::size_t at = text.rfind('@');
  if (is_stun == (at != std::string_view::npos)) {
    refuse(is_stun ? "a STUN server has no user" : "a TURN server has a user and a password");
  }
  if (!is_stun) {
    const std::string_view account = text.substr(0, at);
    const std::size_t colon = account.find(':');
    if (colon == std::string_view::npos) refuse("a TURN server has a user and a password");
    server.user = decoded(account.substr(0, colon));
    server.password = decoded(account.substr(colon + 1));
    text.remove_prefix(at + 1);
    server.over_tcp = take_over_tcp(text) || server.kind == IceServer::Kind::turns;
  }
  server.port = server.kind == IceServer::Kind::turns ? default_tls_port : default_port;
  read_host(text, server);
  return server;
}

std::string to_url(const IceServer& server) {
  const bool is_ipv6 = server.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? fmt::format("[{}]", server.host) : server.host;
  if (server.kind == IceServer::Kind::stun) return fmt::format("stun:{}:{}", host, server.port);
  return fmt::format("{}:{}:{}?transport={}",
                     server.kind == IceServer::Kind::turns ? "turns" : "turn", host, server.port,
                     server.over_tcp ? "tcp" : "udp");
}

}  // namespace depthcloud
