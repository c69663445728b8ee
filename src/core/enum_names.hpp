// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"

namespace depthcloud {

/// The names of an enum's values, in the order of the enum, whose first value is `first`: one table
/// behind to_string(), parse_...() and ..._names().
template <typename Enum, std::size_t count, int first = 0>
struct EnumNames {
  std::array<const char*, count> names;

  /// The name in static storage; "unknown" for what is no value of the enum.
  constexpr const char* to_string(Enum value) const noexcept {
    const auto index = static_cast<std::size_t>(static_cast<int>(value) - first);
    return index < count ? names[index] : "unknown";
  }

  /// The value of this name, if it is one.
  constexpr std::optional<Enum> find(std::string_view text) const noexcept {
    for (std::size_t i = 0; i < count; ++i) {
      if (text == names[i]) return static_cast<Enum>(static_cast<int>(i) + first);
    }
    return std::nullopt;
  }

  /// The value of this name. Throws Error{invalid_argument} that lists the names otherwise; `kind`
  /// is what the values are, for instance "encoding".
  Enum parse(std::string_view text, const char* kind, Stage stage) const {
    if (const std::optional<Enum> value = find(text)) return *value;
    std::string list = names[0];
    for (std::size_t i = 1; i < count; ++i) {
      list += i + 1 < count ? ", " : " or ";
      list += names[i];
    }
    throw Error(ErrorCode::invalid_argument, stage,
                fmt::format("no such {}: {} ({})", kind, quote(text), list));
  }

  constexpr std::span<const char* const> all() const noexcept { return names; }
};

}  // namespace depthcloud
