// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "expect_error.hpp"

/// Checks that `names` are those of `values`, in this order, that each is read back, and that a
/// name with another case or a value beyond the last is none.
template <typename Enum>
void check_names(Enum (*parse)(std::string_view), std::span<const char* const> names,
                 std::initializer_list<Enum> values) {
  REQUIRE(names.size() == values.size());
  std::size_t i = 0;
  for (const Enum value : values) {
    const std::string name = to_string(value);
    CHECK(name == names[i++]);
    CHECK(parse(name) == value);
    CHECK(error_of([&] { parse(name + " "); }).starts_with("invalid_argument"));
  }
  CHECK(std::string(to_string(static_cast<Enum>(names.size()))) == "unknown");
  CHECK(std::string(to_string(static_cast<Enum>(-1))) == "unknown");
}
