// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <random>
#include <vector>

/// What a kernel must handle beside ordinary numbers.
inline const std::vector<float>& special_floats() {
  using Limits = std::numeric_limits<float>;
  static const std::vector<float> values{Limits::quiet_NaN(),
                                         -Limits::quiet_NaN(),
                                         std::bit_cast<float>(0x7FFFFFFFu),
                                         Limits::infinity(),
                                         -Limits::infinity(),
                                         0.0f,
                                         -0.0f,
                                         Limits::denorm_min(),
                                         -Limits::denorm_min(),
                                         1e-39f,
                                         -1e-39f,
                                         Limits::min(),
                                         Limits::max(),
                                         Limits::lowest(),
                                         0.49999997f};
  return values;
}

/// `count` values between -1 and 1, every third or so a special one.
inline std::vector<float> mixed_floats(std::size_t count, std::mt19937& random) {
  std::vector<float> values(count);
  for (float& value : values) {
    const auto bits = static_cast<std::uint32_t>(random());
    value = bits % 3 == 0 ? special_floats()[bits / 3 % special_floats().size()]
                          : static_cast<float>(static_cast<std::int32_t>(bits)) * 0x1p-31f;
  }
  return values;
}

/// Whether two floats or doubles have the same bits, or are both NaN, whose bits no kernel
/// promises.
template <typename T>
bool same_value(T a, T b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

/// The first position where two ranges of floats differ; -1 where they agree.
template <typename A, typename B>
std::ptrdiff_t first_difference(const A& a, const B& b) {
  if (std::size(a) != std::size(b)) return 0;
  for (std::size_t i = 0; i < std::size(a); ++i) {
    if (!same_value(a[i], b[i])) return static_cast<std::ptrdiff_t>(i);
  }
  return -1;
}
