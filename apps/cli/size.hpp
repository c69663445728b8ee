// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace cli {

/// Of a picture, pixels.
struct Size {
  int width = 0;
  int height = 0;
  bool operator==(const Size&) const = default;
};

inline Size transposed(const Size& size) { return {size.height, size.width}; }

inline std::string to_string(const Size& size) {
  return fmt::format("{} x {}", size.width, size.height);
}

/// Whether one picture may be the other one scaled: up to 3 percent, which networks change to reach
/// multiples of their patches, and less than the one pixel that rounding takes.
inline bool same_aspect(const Size& a, const Size& b) {
  const auto fits = [](double is, double should_be) {
    const double off = std::abs(is - should_be);
    return off < 1 || off <= 0.03 * should_be;
  };
  const auto [small, large] = a.width < b.width ? std::pair(a, b) : std::pair(b, a);
  const double aspect = static_cast<double>(large.width) / large.height;
  return fits(small.width, small.height * aspect) || fits(small.height, small.width / aspect);
}

}  // namespace cli
