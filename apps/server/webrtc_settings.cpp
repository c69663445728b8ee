// SPDX-License-Identifier: Apache-2.0
#include "webrtc_settings.hpp"

#include <charconv>
#include <initializer_list>
#include <limits>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>

#include "options.hpp"

namespace server {
namespace {

using depthcloud::IceCandidate;
using nlohmann::json;

[[noreturn]] void refuse(const std::string& message) {
  throw depthcloud::Error(depthcloud::ErrorCode::invalid_argument, depthcloud::Stage::control,
                          message);
}

/// The value under the first of these keys that is there and not null.
const json* value_of(const json& object, std::initializer_list<const char*> keys) {
  for (const char* const key : keys) {
    const auto found = object.find(key);
    if (found != object.end() && !found->is_null()) return &*found;
  }
  return nullptr;
}

std::string text_in(const json& object, std::initializer_list<const char*> keys) {
  const json* const value = value_of(object, keys);
  if (value == nullptr) return "";
  if (!value->is_string()) refuse(fmt::format("{} of a candidate must be a text", *keys.begin()));
  return value->get<std::string>();
}

template <typename Number>
Number number_in(const json& object, const char* key, Number otherwise) {
  const json* const value = value_of(object, {key});
  if (value == nullptr) return otherwise;
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<Number>::max());
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() > largest) {
    refuse(fmt::format("{} of a candidate must be an integer from 0 to {}", key, largest));
  }
  return value->get<Number>();
}

/// "rtp" and "rtcp" are the names that browsers have for 1 and 2.
int component_in(const json& object) {
  const json* const value = value_of(object, {"component"});
  if (value != nullptr && *value == "rtp") return 1;
  if (value != nullptr && *value == "rtcp") return 2;
  return number_in<int>(object, "component", 1);
}

IceCandidate of_parts(const json& object) {
  IceCandidate candidate{.foundation = text_in(object, {"foundation"}),
                         .component = component_in(object),
                         .protocol = text_in(object, {"protocol"}),
                         .priority = number_in<std::uint32_t>(object, "priority", 0),
                         .address = text_in(object, {"address", "ip"}),
                         .port = number_in<std::uint16_t>(object, "port", 0),
                         .type = text_in(object, {"type"}),
                         .related_address = text_in(object, {"relatedAddress"}),
                         .related_port = number_in<std::uint16_t>(object, "relatedPort", 0),
                         .tcp_type = text_in(object, {"tcpType"})};
  validate(candidate);
  return candidate;
}

json for_browser(const depthcloud::IceServer& server) {
  json entry = {{"urls", to_url(server)}};
  if (server.kind == depthcloud::IceServer::Kind::stun) return entry;
  entry["username"] = server.user;
  entry["credential"] = server.password;
  return entry;
}

}  // namespace

std::pair<std::uint16_t, std::uint16_t> parse_port_range(const std::string& text) {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  const char* const end = text.data() + text.size();
  const auto [dash, bad_first] = std::from_chars(text.data(), end, first);
  if (bad_first == std::errc{} && dash != end && *dash == '-') {
    const auto [stop, bad_last] = std::from_chars(dash + 1, end, last);
    if (bad_last == std::errc{} && stop == end && first > 0 && first <= last) return {first, last};
  }
  throw UsageError(
      fmt::format("--udp-ports '{}' is not FIRST-LAST, for instance 50000-50100", text));
}

json ice_servers_for_browsers(const WebRtcSettings& settings) {
  json servers = json::array();
  if (settings.stun) servers.push_back(for_browser(*settings.stun));
  for (const auto& server : settings.turn) servers.push_back(for_browser(server));
  for (const auto& server : settings.browser_turn) servers.push_back(for_browser(server));
  return servers;
}

std::optional<IceCandidate> read_candidate(const json& message) {
  const auto found = message.find("candidate");
  if (found == message.end()) refuse("an ice_candidate without its candidate");
  if (found->is_null()) return std::nullopt;
  if (!found->is_object() && !found->is_string()) {
    refuse("a candidate must be an object, a text or null");
  }
  // Some clients put the fields of the candidate beside "type", some into an object.
  const json& fields = found->is_object() ? *found : message;
  IceCandidate candidate;
  if (fields.contains("candidate")) {
    const std::string text = text_in(fields, {"candidate"});
    if (text.empty()) return std::nullopt;
    candidate = depthcloud::parse_ice_candidate(text);
  } else {
    candidate = of_parts(fields);
  }
  candidate.mid = text_in(fields, {"sdpMid"});
  candidate.line = number_in<int>(fields, "sdpMLineIndex", 0);
  return candidate;
}

json to_json(const std::optional<IceCandidate>& candidate) {
  if (!candidate) return nullptr;
  return {{"candidate", to_string(*candidate)},
          {"sdpMid", candidate->mid},
          {"sdpMLineIndex", candidate->line}};
}

}  // namespace server
