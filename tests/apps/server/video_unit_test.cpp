// SPDX-License-Identifier: Apache-2.0
// The message of an access unit: what it holds, and what is refused.
#include "server/video_unit.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "expect_error.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes message() {
  return {'D', 'C', 'V', 'U', 1, 1, 0, 0, 0x02, 0x01, 0, 0, 0, 0, 0, 0, 0xaa, 0xbb};
}

Bytes with(std::initializer_list<std::pair<std::size_t, std::uint8_t>> changes) {
  Bytes bytes = message();
  for (const auto& [at, value] : changes) bytes[at] = value;
  return bytes;
}

}  // namespace

TEST_SUITE("server_video_unit") {
  TEST_CASE("an access unit is data, a flag and a time in little-endian microseconds") {
    const Bytes bytes = message();
    REQUIRE(server::is_video_unit(bytes));
    const server::VideoUnit key = server::read_video_unit(bytes);
    CHECK(key.is_key);
    CHECK(key.time.count() == 0x0102);
    CHECK(Bytes(key.data.begin(), key.data.end()) == Bytes{0xaa, 0xbb});
    const Bytes other = with({{5, 0}, {14, 0x1f}, {13, 0xff}});
    const server::VideoUnit delta = server::read_video_unit(other);
    CHECK_FALSE(delta.is_key);
    CHECK(delta.time.count() == 0x1fff0000000102);
  }

  TEST_CASE("photos are not taken for access units") {
    for (const Bytes& photo :
         {Bytes{}, Bytes{'D', 'C', 'V'}, Bytes{0xff, 0xd8, 0xff, 0xe0}, Bytes{0x89, 'P', 'N', 'G'},
          Bytes{'R', 'I', 'F', 'F'}, Bytes{'I', 'I', '*', 0}, Bytes{0, 0, 0, 0x1c, 'f', 't'}}) {
      CHECK_FALSE(server::is_video_unit(photo));
    }
  }

  TEST_CASE("a header that is cut off or not known is an error that says so") {
    const auto check = [](const Bytes& bytes, const char* code, const char* part) {
      CAPTURE(part);
      const std::string error = error_of([&] { server::read_video_unit(bytes); });
      CHECK(error.starts_with(std::string(code) + " decode: "));
      CHECK(contains(error, part));
    };
    Bytes cut = message();
    cut.resize(15);
    check(cut, "corrupt_data", "of 15 bytes: its header alone has 16");
    cut = message();
    cut.resize(16);
    check(cut, "corrupt_data", "without data");
    check(with({{4, 2}}), "unsupported", "of kind 2");
    check(with({{5, 3}}), "unsupported", "flag");
    check(with({{6, 1}}), "unsupported", "reserved");
    check(with({{7, 1}}), "unsupported", "reserved");
    check(with({{14, 0x20}}), "corrupt_data", "2^53");
    check(with({{15, 0xff}}), "corrupt_data", "2^53");
  }
}
