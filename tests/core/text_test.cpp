// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"

#include <cstdint>

#include <doctest/doctest.h>

using depthcloud::consists_of;
using depthcloud::whole_number;

TEST_SUITE("core") {
  TEST_CASE("whole_number reads the whole text, or nothing") {
    CHECK(whole_number<int>("-12") == -12);
    CHECK(whole_number<std::uint16_t>("65535") == 65535);
    for (const char* text : {"", " 1", "1 ", "+1", "1.5", "0x1", "65536", "-1"}) {
      CAPTURE(text);
      CHECK_FALSE(whole_number<std::uint16_t>(text).has_value());
    }
  }

  TEST_CASE("consists_of: letters, digits and what else is named") {
    CHECK(consists_of("aZ09", ""));
    CHECK(consists_of("", ""));
    CHECK(consists_of("a-b.c", "-."));
    CHECK_FALSE(consists_of("a-b", "."));
    CHECK_FALSE(consists_of("a b", ""));
    CHECK_FALSE(consists_of("\xc3\xa9", ""));
  }

  TEST_CASE("letters in either case") {
    CHECK(depthcloud::lower_case("A.Zb9") == "a.zb9");
    CHECK(depthcloud::upper_case("A.Zb9") == "A.ZB9");
  }
}
