// SPDX-License-Identifier: Apache-2.0
#include "server/webrtc_settings.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "expect_error.hpp"
#include "server/options.hpp"

using nlohmann::json;
using server::read_candidate;

TEST_SUITE_BEGIN("server_webrtc_settings");

namespace {

std::string error_of_candidate(const char* text) {
  return error_of([&] { read_candidate(json::parse(text)); });
}

}  // namespace

TEST_CASE("a candidate comes as browsers write it, as its text, or in its parts") {
  const char* const line = "candidate:1 1 udp 7 192.0.2.1 9 typ srflx raddr 10.0.0.2 rport 8";
  const json of_browser = {{"candidate",
                            {{"candidate", line},
                             {"sdpMid", "1"},
                             {"sdpMLineIndex", 1U},
                             {"usernameFragment", "abcd"}}}};
  auto candidate = read_candidate(of_browser);
  REQUIRE(candidate.has_value());
  CHECK(to_string(*candidate) == line);
  CHECK(candidate->mid == "1");
  CHECK(candidate->line == 1);
  const json flat = {{"type", "ice_candidate"}, {"candidate", line}, {"sdpMid", "0"}};
  candidate = read_candidate(flat);
  REQUIRE(candidate.has_value());
  CHECK(candidate->mid == "0");
  const json of_parts = json::parse(
      R"({"candidate": {"foundation": "1", "component": "rtp", "protocol": "udp", "priority": 7,
          "ip": "192.0.2.1", "port": 9, "type": "srflx", "relatedAddress": "10.0.0.2",
          "relatedPort": 8, "tcpType": null, "sdpMid": "0", "sdpMLineIndex": 0}})");
  candidate = read_candidate(of_parts);
  REQUIRE(candidate.has_value());
  CHECK(to_string(*candidate) == line);
  CHECK(server::to_json(candidate)["candidate"] == line);
}

TEST_CASE("null and an empty text say that no more come") {
  CHECK_FALSE(read_candidate({{"candidate", nullptr}}).has_value());
  CHECK_FALSE(read_candidate({{"candidate", ""}}).has_value());
  CHECK_FALSE(read_candidate({{"candidate", {{"candidate", ""}}}}).has_value());
  CHECK(server::to_json(std::nullopt).is_null());
}

TEST_CASE("a bad candidate is an error that names its part") {
  CHECK(contains(error_of_candidate("{}"), "without its candidate"));
  CHECK(contains(error_of_candidate(R"({"candidate": 7})"), "must be an object, a text or null"));
  CHECK(contains(error_of_candidate(R"({"candidate": {}})"), "whose foundation is ''"));
  CHECK(contains(error_of_candidate(R"({"candidate": {"candidate": 5}})"), "must be a text"));
  CHECK(contains(error_of_candidate(R"({"candidate": {"foundation": "1", "port": 70000}})"),
                 "port of a candidate must be an integer from 0 to 65535"));
  CHECK(contains(error_of_candidate(R"({"candidate": {"foundation": "1", "component": "x"}})"),
                 "component of a candidate"));
}

TEST_CASE("ports come as a range") {
  CHECK(server::parse_port_range("50000-50100") ==
        std::pair<std::uint16_t, std::uint16_t>(50000, 50100));
  for (const char* const text : {"", "5", "5-", "-5", "9-8", "0-5", "1-70000", "1-2-3"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(server::parse_port_range(text), server::UsageError);
  }
}

TEST_CASE("browsers are told of the servers with their accounts") {
  server::WebRtcSettings settings;
  CHECK(server::ice_servers_for_browsers(settings) == json::array());
  settings.stun = depthcloud::parse_ice_server("stun:a");
  settings.turn = {depthcloud::parse_ice_server("turn:me:secret@b?transport=tcp")};
  settings.browser_turn = {depthcloud::parse_ice_server("turns:me:secret@c")};
  CHECK(server::ice_servers_for_browsers(settings) == json::parse(R"([{"urls": "stun:a:3478"},
          {"urls": "turn:b:3478?transport=tcp", "username": "me", "credential": "secret"},
          {"urls": "turns:c:5349?transport=tcp", "username": "me", "credential": "secret"}])"));
}
