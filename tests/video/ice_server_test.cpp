// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/ice_server.hpp>

#include <string>

#include <doctest/doctest.h>

#include <depthcloud/webrtc_peer.hpp>

#include "expect_error.hpp"

using depthcloud::IceServer;
using depthcloud::parse_ice_server;

TEST_SUITE_BEGIN("video");

TEST_CASE("STUN and TURN servers are read and written as URLs") {
  CHECK(to_url(parse_ice_server("stun:stun.example.org")) == "stun:stun.example.org:3478");
  CHECK(to_url(parse_ice_server("stun://192.0.2.1:7")) == "stun:192.0.2.1:7");
  const IceServer turn = parse_ice_server("turn:me:a%40b:c@[fd00::1]:3479?transport=tcp");
  CHECK(turn.user == "me");
  CHECK(turn.password == "a@b:c");
  CHECK(turn.over_tcp);
  CHECK(to_url(turn) == "turn:[fd00::1]:3479?transport=tcp");
  CHECK(to_url(parse_ice_server("turn:me:x@host")) == "turn:host:3478?transport=udp");
  CHECK(to_url(parse_ice_server("turns:me:x@host")) == "turns:host:5349?transport=tcp");
}

TEST_CASE("what is no server is an error without the password") {
  for (const char* const text :
       {"", "stun:", "http:host", "turn:host", "turn:me@host", "turn:me:secret@host:0",
        "turn:me:secret@host:99999", "turn:me:secret@host?transport=sctp", "turn:me:secret%4@host",
        "turn:me:secret@ho st", "stun:me:secret@host", "turn:me:secret@[fd00::1"}) {
    CAPTURE(text);
    const std::string error = error_of([&] { parse_ice_server(text); });
    CHECK(contains(error, "invalid_argument control: "));
    CHECK_FALSE(contains(error, "secret"));
  }
}

TEST_CASE("options of a peer are checked") {
  const auto error = [](auto change) {
    depthcloud::WebRtcOptions options;
    change(options);
    return error_of([&] { validate(options); });
  };
  using Options = depthcloud::WebRtcOptions;
  CHECK(error([](Options&) {}) == "nothing");
  CHECK(contains(error([](Options& o) { o.turn = {parse_ice_server("turns:a:secret@h")}; }),
                 "unsupported control: turns:h:5349?transport=tcp: libnice has no TLS"));
  CHECK(contains(error([](Options& o) { o.turn = {parse_ice_server("stun:h")}; }),
                 "is no TURN server"));
  CHECK(contains(error([](Options& o) { o.stun = parse_ice_server("turn:a:b@h"); }),
                 "is no STUN server"));
  CHECK(contains(error([](Options& o) { o.first_port = 9, o.last_port = 8; }), "are no range"));
  CHECK(contains(error([](Options& o) { o.last_port = 8; }), "are no range"));
  CHECK(contains(error([](Options& o) { o.addresses = {"localhost"}; }), "is no IP address"));
  CHECK(contains(error([](Options& o) { o.idle_timeout = {}; }), "idle_timeout is 0 s"));
  CHECK(contains(error([](Options& o) { o.jitter = std::chrono::milliseconds(-1); }), "jitter"));
  CHECK(contains(error([](Options& o) { o.max_queued_bytes = 0; }), "max_queued_bytes"));
}
