// SPDX-License-Identifier: Apache-2.0
#include "io/depth_samples.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <depthcloud/error.hpp>

namespace depthcloud {
namespace {

static_assert(std::endian::native == std::endian::little, "byte order is relative to this");

/// IEEE 754 binary16.
struct Half {
  std::uint16_t bits;

  explicit operator double() const {
    const int exponent = bits >> 10 & 0x1F;
    const int fraction = bits & 0x3FF;
    const double sign = bits >> 15 != 0 ? -1.0 : 1.0;
    if (exponent == 0x1F) {
      return fraction != 0 ? std::numeric_limits<double>::quiet_NaN()
                           : sign * std::numeric_limits<double>::infinity();
    }
    if (exponent == 0) return sign * std::ldexp(fraction, -24);
    return sign * std::ldexp(fraction + 0x400, exponent - 25);
  }
};

template <typename T>
T load(const std::uint8_t* source, bool swap) {
  std::array<std::uint8_t, sizeof(T)> bytes;
  std::memcpy(bytes.data(), source, sizeof(T));
  if (swap) std::ranges::reverse(bytes);
  return std::bit_cast<T>(bytes);
}

template <typename T>
void convert(const std::uint8_t* data, const SampleLayout& layout, double unit, Plane& plane) {
  float* out = plane.values.data();
  for (std::ptrdiff_t v = 0; v < plane.height; ++v) {
    for (std::ptrdiff_t u = 0; u < plane.width; ++u) {
      const std::ptrdiff_t index = layout.first + v * layout.row + u * layout.column;
      const auto number = load<T>(data + index * std::ptrdiff_t{sizeof(T)}, layout.swap);
      *out++ = static_cast<float>(static_cast<double>(number) * unit);
    }
  }
}

/// The conversion of a type; nullptr where there is none.
auto conversion_of(const SampleType& type) -> decltype(&convert<float>) {
  switch (type.bytes) {
    case 1:
      return type.kind == 'u'   ? convert<std::uint8_t>
             : type.kind == 'i' ? convert<std::int8_t>
                                : nullptr;
    case 2:
      return type.kind == 'u'   ? convert<std::uint16_t>
             : type.kind == 'i' ? convert<std::int16_t>
                                : convert<Half>;
    case 4:
      return type.kind == 'u'   ? convert<std::uint32_t>
             : type.kind == 'i' ? convert<std::int32_t>
                                : convert<float>;
    case 8:
      return type.kind == 'u'   ? convert<std::uint64_t>
             : type.kind == 'i' ? convert<std::int64_t>
                                : convert<double>;
    default:
      return nullptr;
  }
}

}  // namespace

SampleLayout row_by_row(int width, bool swap) { return {0, width, 1, swap}; }

double unit_of(const SampleType& type, const DepthFileOptions& options) {
  if (options.scale) return *options.scale;
  if (type.bytes == 1 && !options.kind) {
    throw Error(ErrorCode::invalid_argument, Stage::file,
                "depth of 8 bits counts no unit that could be guessed: say its scale or its kind "
                "(on the command line --depth-scale, --depth-kind)");
  }
  const DepthKind kind = options.kind.value_or(DepthKind::z);
  const bool is_length = kind == DepthKind::z || kind == DepthKind::ray;
  constexpr double millimetre = 0.001;
  return is_length && type.kind != 'f' ? millimetre : 1.0;
}

void convert_samples(std::span<const std::uint8_t> data, const SampleType& type,
                     const SampleLayout& layout, const DepthFileOptions& options, Plane& plane) {
  const auto convert = conversion_of(type);
  const auto pixels =
      static_cast<std::size_t>(plane.width) * static_cast<std::size_t>(plane.height);
  if (convert == nullptr || data.size() != pixels * type.bytes) {
    throw Error(ErrorCode::internal, Stage::file, "depth samples of another type or number");
  }
  const double unit = unit_of(type, options);
  plane.values.resize(pixels);
  convert(data.data(), layout, unit, plane);
}

}  // namespace depthcloud
