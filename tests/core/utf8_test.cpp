// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.hpp"

#include <string_view>

#include <doctest/doctest.h>

using depthcloud::is_utf8;
using namespace std::string_view_literals;

TEST_SUITE("core") {
  TEST_CASE("is_utf8: the first and the last character of each length") {
    for (const std::string_view text : {""sv, "\0\x7f"sv, "\xc2\x80\xdf\xbf"sv,
                                        "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"sv,
                                        "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"sv}) {
      CHECK(is_utf8(text));
    }
  }

  TEST_CASE("is_utf8: longer forms than needed, surrogates, beyond the last, cut off") {
    for (const std::string_view text :
         {"\x80"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv,
          "\xed\xbf\xbf"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv,
          "\xff"sv, "\xc2"sv, "\xe1\x80"sv, "\xf1\x80\x80"sv, "\xc2\x41"sv, "\xe1\x80\x41"sv}) {
      CHECK_FALSE(is_utf8(text));
    }
  }
}
