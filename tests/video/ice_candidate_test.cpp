// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/ice_candidate.hpp>

#include <string>

#include <doctest/doctest.h>

#include "expect_error.hpp"

using depthcloud::IceCandidate;
using depthcloud::parse_ice_candidate;

namespace {

std::string error_of_candidate(const std::string& text) {
  return error_of([&] { parse_ice_candidate(text); });
}

}  // namespace

TEST_SUITE_BEGIN("video");

TEST_CASE("a candidate is read and written again") {
  const IceCandidate candidate = parse_ice_candidate(
      "candidate:842163049 1 udp 1677729535 192.0.2.1 46154 typ srflx raddr 10.0.0.2 rport 40000 "
      "generation 0 ufrag qs/h network-cost 999");
  CHECK(candidate.foundation == "842163049");
  CHECK(candidate.component == 1);
  CHECK(candidate.protocol == "udp");
  CHECK(candidate.priority == 1677729535);
  CHECK(candidate.address == "192.0.2.1");
  CHECK(candidate.port == 46154);
  CHECK(candidate.type == "srflx");
  CHECK(candidate.related_address == "10.0.0.2");
  CHECK(candidate.related_port == 40000);
  CHECK(to_string(candidate) ==
        "candidate:842163049 1 udp 1677729535 192.0.2.1 46154 typ srflx raddr 10.0.0.2 rport "
        "40000");
  const std::string tcp = "candidate:2 1 tcp 1015021823 fd00::2 9 typ host tcptype active";
  CHECK(to_string(parse_ice_candidate("a=" + tcp)) == tcp);
  CHECK(parse_ice_candidate("candidate:1 1 UDP 7 192.0.2.1 9 typ host").protocol == "udp");
}

TEST_CASE("a bad candidate is an error that names its part") {
  CHECK(contains(error_of_candidate(""), "corrupt_data control: an ICE candidate that does not"));
  CHECK(contains(error_of_candidate("candidate:"), "whose component is ''"));
  CHECK(contains(error_of_candidate("candidate:1 x udp 1 1.2.3.4 9 typ host"), "component is 'x'"));
  CHECK(contains(error_of_candidate("candidate:1 1 sctp 1 1.2.3.4 9 typ host"),
                 "protocol is 'sctp'"));
  CHECK(contains(error_of_candidate("candidate:1 1 udp 4294967296 1.2.3.4 9 typ host"),
                 "priority is '4294967296'"));
  CHECK(contains(error_of_candidate("candidate:1 1 udp 1 1.2.3.4 65536 typ host"),
                 "port is '65536'"));
  CHECK(contains(error_of_candidate("candidate:1 1 udp 1 1.2.3.4 9"), "without a type"));
  CHECK(contains(error_of_candidate("candidate:1 1 udp 1 1.2.3.4 9 typ best"), "type is 'best'"));
  CHECK(contains(error_of_candidate("candidate:1 1 udp 1 1.2\r\n3 9 typ host"), "address is"));
  CHECK(contains(error_of_candidate("candidate:1 1 udp 1 1.2.3.4 9 typ host tcptype x"),
                 "TCP type is 'x'"));
  CHECK(contains(error_of_candidate("candidate:" + std::string(2000, '1')),
                 "limit_exceeded control: an ICE candidate of 2010 bytes: the limit is 1024"));
}

TEST_CASE("names are no IP addresses") {
  IceCandidate candidate;
  for (const char* const address : {"192.0.2.1", "fd00::2", "::ffff:192.0.2.1"}) {
    candidate.address = address;
    CHECK(has_ip_address(candidate));
  }
  for (const char* const address : {"", "example.org", "1.2.3", "a-b.local", "300.0.0.1"}) {
    candidate.address = address;
    CHECK_FALSE(has_ip_address(candidate));
  }
}
