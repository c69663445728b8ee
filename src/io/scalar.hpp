// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace depthcloud {

/// The types of numbers in files.
enum class Scalar { i8, u8, i16, u16, i32, u32, i64, u64, f32, f64 };

constexpr std::size_t size_of(Scalar type) {
  switch (type) {
    case Scalar::i8:
    case Scalar::u8:
      return 1;
    case Scalar::i16:
    case Scalar::u16:
      return 2;
    case Scalar::i32:
    case Scalar::u32:
    case Scalar::f32:
      return 4;
    default:
      return 8;
  }
}

/// Returns the value of the bytes at `at`, of which there are size_of(type), in the byte order of
/// the file.
inline double load_scalar(Scalar type, const std::uint8_t* at, std::endian order) {
  std::uint64_t bits = 0;
  const std::size_t size = size_of(type);
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t from_low = order == std::endian::little ? i : size - 1 - i;
    bits |= std::uint64_t{at[i]} << (8 * from_low);
  }
  switch (type) {
    case Scalar::i8:
      return static_cast<std::int8_t>(bits);
    case Scalar::i16:
      return static_cast<std::int16_t>(bits);
    case Scalar::i32:
      return static_cast<std::int32_t>(bits);
    case Scalar::i64:
      return static_cast<double>(static_cast<std::int64_t>(bits));
    case Scalar::f32:
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    case Scalar::f64:
      return std::bit_cast<double>(bits);
    default:
      return static_cast<double>(bits);
  }
}

}  // namespace depthcloud
